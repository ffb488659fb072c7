"""What other programs talk to. Nothing heavy is loaded by importing this package."""
