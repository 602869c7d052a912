"""`python -m services.command` is `bac`."""

from services.command.main import main

if __name__ == "__main__":
    main()
