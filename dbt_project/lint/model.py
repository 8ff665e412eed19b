"""What `model` gives while SQL is only linted: a model with a declaration of one variant, and of a signal."""

name = "model"


class config:  # noqa: N801
    """Stands for the model's configuration."""

    meta = {  # noqa: RUF012
        "indicator": {"id": "indicator", "variants": {"default": {}}},
        "rule": {"id": "rule", "unit": "case", "reasons": {}, "parameters": {}, "undecided": []},
    }
