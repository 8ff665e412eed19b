"""What `model` gives while SQL is only linted: a model with a declaration of one variant, and of a signal."""

name = "model"


class config:  # noqa: N801
    """Stands for the model's configuration."""

    meta = {"indicator": {"id": "indicator", "variants": {"default": {}}}}  # noqa: RUF012
