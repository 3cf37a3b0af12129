"""Let ``python -m madmall_models`` be the command ``madmall``."""

from madmall_models.cli import main

if __name__ == "__main__":
    main()
