"""``python -m presslens`` is ``presslens``."""

from presslens.app.cli import main

if __name__ == "__main__":
    main()
