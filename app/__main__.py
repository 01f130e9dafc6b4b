"""``python -m app`` is ``presslens``."""

from app.cli import main

if __name__ == "__main__":
    main()
