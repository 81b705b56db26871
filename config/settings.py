"""Settings of the service, from the environment or `.env` (prefix `FENGQIAO_`, nested with `__`)."""

import contextlib
import os
import re
import secrets
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, computed_field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.loading import CONFIG_DIR


class WeChatSettings(BaseModel):
    """The WeChat public account (公众号)."""

    token: SecretStr = SecretStr("")
    """Token of the webhook signature; empty = the webhook is closed (in demo mode one is made)."""
    app_id: str = ""
    """AppID of the account."""
    app_secret: SecretStr = SecretStr("")
    """AppSecret; empty = no active messages."""
    aes_key: SecretStr = SecretStr("")
    """EncodingAESKey, 43 characters, for compatible and safe mode; empty = plain mode only."""
    api_base: str = "https://api.weixin.qq.com"
    """Address of the platform's API; tests and the simulator put their own here."""
    template_id: str = ""
    """Template message used when the customer-service window is closed; empty = this rung is left out."""

    @field_validator("aes_key")
    @classmethod
    def _is_an_aes_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.fullmatch(r"[A-Za-z0-9+/]{43}", value.get_secret_value()):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        return value

    @field_validator("api_base")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")


class Settings(BaseSettings):
    """Everything that differs between two installations."""

    model_config = SettingsConfigDict(
        env_prefix="FENGQIAO_", env_nested_delimiter="__", env_file=".env", extra="ignore"
    )

    database_url: str = ""
    """SQLAlchemy URL; empty = SQLite in the data folder. PostgreSQL: `postgresql://user:password@host/name`."""
    redis_url: str = ""
    """Redis URL; empty = an embedded Redis started with the service."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on."""
    data_dir: Path = Path("var")
    """Folder for the database, the embedded Redis, received files and the generated secret key."""
    secret_key: SecretStr = SecretStr("")
    """Key for encryption and keyed hashes; empty = generated once and kept in the data folder."""
    public_url: str = ""
    """Address under which people reach the service; empty = http://HOST:PORT."""
    config_dir: Path = CONFIG_DIR
    """Folder with the rule files; copy it and point here to change rules without touching the program."""
    demo: bool = False
    """Adds demo mediators and the simulator."""
    wechat: WeChatSettings = WeChatSettings()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def base_url(self) -> str:
        """The public address without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def sqlalchemy_url(self) -> str:
        """The database address with the asynchronous driver named."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'fengqiao.db'}"
        scheme, separator, rest = self.database_url.partition("://")
        driver = {
            "postgresql": "postgresql+asyncpg",
            "postgres": "postgresql+asyncpg",
            "sqlite": "sqlite+aiosqlite",
        }
        return f"{driver.get(scheme, scheme)}{separator}{rest}"

    @cached_property
    def key(self) -> bytes:
        """The secret key; made and kept (mode 0600) at the first call when none is given."""
        given = self.secret_key.get_secret_value()
        if given:
            return given.encode()
        path = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = self.data_dir / f"secret.{secrets.token_hex(8)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_urlsafe(32).encode())
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, path)
            draft.unlink()
        return path.read_bytes()
