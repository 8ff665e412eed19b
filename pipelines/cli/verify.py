"""`hengfa verify`: whether an edition is what its manifest says."""

import sys
from typing import Annotated

import typer


def verify(
    edition: Annotated[str | None, typer.Argument(help="考核版次 The edition; default the newest.")] = None,
) -> None:
    """核验版次：逐个文件核对清单中的哈希。Check every file of an edition against its manifest."""
    from pipelines.editions.catalogue import find_edition
    from pipelines.editions.signing import TRUSTED_VARIABLE, fingerprint_of, trust_of
    from pipelines.editions.verify import differences
    from pipelines.settings import Workspace

    found = find_edition(Workspace.at().editions, edition)
    wrong = differences(found)
    for name, what in wrong:
        sys.stdout.write(f"{name}: {what}\n")
    if wrong:
        sys.stdout.write(f"{found.edition_id}: {len(wrong)} 个文件与清单不符 files differ from the manifest\n")
        raise typer.Exit(1)
    manifest = found.manifest()
    sys.stdout.write(f"{found.edition_id}: {len(manifest['files'])} 个文件全部相符 files, all as published\n")
    key = (manifest.get("signature") or {}).get("public_key")
    if key is None:
        sys.stdout.write("未签名 not signed\n")
        return
    # A key that is not the trusted one is among what is wrong, above.
    trust = {
        True: f"是 {TRUSTED_VARIABLE} 所信任的公钥 the key that {TRUSTED_VARIABLE} trusts",
        None: f"未设 {TRUSTED_VARIABLE}，不知是否可信 {TRUSTED_VARIABLE} is not set: nothing says whose key this is",
    }[trust_of(key)]
    sys.stdout.write(
        f"签名有效 signed (Ed25519)，公钥指纹 key fingerprint SHA-256 {fingerprint_of(key)}\n"
        f"公钥 public key {key}\n{trust}\n"
    )
