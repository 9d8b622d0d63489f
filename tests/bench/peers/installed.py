"""Installing the peers into a scratch folder, from the package indexes that this machine uses."""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KINTO = ("kinto[postgresql]==26.5.0", "waitress==3.0.2", "setuptools<81")
"""Kinto's own start still asks for setuptools' pkg_resources."""


def install(folder: Path) -> None:
    """Put everything into `folder`, once; a folder that is complete is left as it is."""
    done = folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "peer.mjs", folder)
    if done.exists() and done.read_text() == _wanted():
        return
    shutil.copy(HERE / "package.json", folder)
    print(f"installing the peers into {folder} (a few minutes)", flush=True)
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    subprocess.run(command, cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "kinto")], check=True)
    pip = str(folder / "kinto" / "bin" / "pip")
    subprocess.run([pip, "install", "--quiet", "--disable-pip-version-check", *KINTO], check=True)
    done.write_text(_wanted())


def _wanted() -> str:
    return (HERE / "package.json").read_text() + "\n".join(KINTO)
