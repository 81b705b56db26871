"""What every story in a browser needs: patience, so that a slow machine fails none of them."""

from playwright.async_api import expect

expect.set_options(timeout=20_000)
