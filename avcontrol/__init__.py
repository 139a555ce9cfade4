"""Entry points and composition; nobody imports this package."""
