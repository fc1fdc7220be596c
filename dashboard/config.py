"""Every setting of the product: its name, its default and its check. Listed for people in `.env.example`."""

from __future__ import annotations

import difflib
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
ENV_FILE = ROOT / ".env"
PREFIX = "CRM_"
# Names without the prefix, as other programs know them too.
PLAIN_NAMES = {"database_url": "DATABASE_URL", "analytics_engine": "ANALYTICS_ENGINE"}
# How the supervising process tells its children where the database is; never settings of a person.
INTERNAL_OWNER_URL = "CRM_INTERNAL_OWNER_URL"
INTERNAL_APP_URL = "CRM_INTERNAL_APP_URL"
SECRET_FIELDS = frozenset({"secret_key", "database_url"})
SECRET_KEY_CHARACTERS = 32


class ConfigError(Exception):
    """A setting is wrong. The text is one line: the variable, its value (a secret's never) and what is allowed."""


def _from_root(path: Path) -> Path:
    path = path.expanduser()
    return path if path.is_absolute() else ROOT / path


def _is_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _postgresql_url(url: str) -> str:
    if not url.startswith("postgresql://") or len(url) == len("postgresql://"):
        raise ValueError("must be an address postgresql://user:password@host:port/database")
    return url


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.strip().upper() if isinstance(value, str) else value


FilePath = Annotated[Path, AfterValidator(_from_root), AfterValidator(_is_file)]
Megabytes = Annotated[int, Field(ge=1, le=1_048_576)]


class Settings(BaseSettings):
    """The settings, checked. Sizes are in megabytes (2**20 bytes)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        populate_by_name=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    data_dir: Annotated[Path, AfterValidator(_from_root)] = Path("var")
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8050
    database_url: Annotated[str | None, AfterValidator(lambda url: url and _postgresql_url(url))] = Field(
        None, repr=False, validation_alias=AliasChoices("database_url", "DATABASE_URL")
    )
    secret_key: str = Field("", repr=False)
    demo: bool = True
    analytics_engine: Annotated[Literal["duckdb", "postgres"], BeforeValidator(_lower)] = Field(
        "duckdb", validation_alias=AliasChoices("analytics_engine", "ANALYTICS_ENGINE")
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_file: Path = Path("server.log")
    log_max_mb: Megabytes = 20
    max_upload_mb: Annotated[int, Field(ge=1, le=4096)] = 50
    session_idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    session_hours: Annotated[int, Field(ge=1, le=720)] = 8
    web_threads: Annotated[int, Field(ge=1, le=256)] = 8
    api_rate_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    job_memory_mb: Annotated[int, Field(ge=256, le=1_048_576)] = 4096
    analytics_memory_mb: Annotated[int, Field(ge=64, le=1_048_576)] = 1024
    chromium: FilePath | None = None
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a caller gives goes before the environment, and that before `.env`."""
        return init_settings, env_settings, dotenv_settings

    @model_validator(mode="after")
    def _join(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("CRM_TLS_CERT and CRM_TLS_KEY must be given together")
        # A log without a folder of its own goes into the data folder, whatever that is.
        if not self.log_file.is_absolute():
            bare = self.log_file.name == str(self.log_file)
            object.__setattr__(self, "log_file", (self.data_dir if bare else ROOT) / self.log_file)
        return self

    @property
    def base_url(self) -> str:
        """Where a browser on this machine finds the product."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"


def variable_name(field: str) -> str:
    """Name of a field's environment variable."""
    return PLAIN_NAMES.get(field, PREFIX + field.upper())


@cache
def variable_names() -> dict[str, str]:
    """Environment variable → field, of all settings."""
    return {variable_name(field): field for field in Settings.model_fields}


def load_settings(env_file: Path | None = ENV_FILE, **overrides: Any) -> Settings:
    """Read environment and `.env`, check them, make the data folder and the secret key.

    `overrides` are fields that go before both (tests give their own data folder). Raises ConfigError.
    """
    if env_file is not None and env_file.exists():
        _refuse_unknown_names(env_file)
    try:
        settings = Settings(_env_file=env_file, **overrides)  # type: ignore[call-arg]  # pydantic-settings' own
    except ValidationError as error:
        raise ConfigError(_one_line(error.errors(include_url=False)[0], env_file, overrides)) from None
    _make_data_dir(settings.data_dir)
    given = settings.secret_key
    if given and len(given) < SECRET_KEY_CHARACTERS:
        raise ConfigError(f"CRM_SECRET_KEY has {len(given)} characters: at least {SECRET_KEY_CHARACTERS} are needed")
    return settings.model_copy(update={"secret_key": given or _kept_secret_key(settings.data_dir)})


def _refuse_unknown_names(env_file: Path) -> None:
    """A misspelt name would silently leave the default in force."""
    known = variable_names()
    try:
        names = dotenv_values(env_file, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{env_file} cannot be read: {error}") from None
    for name in names:
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigError(f"{name} in {env_file} is no setting" + (f": did you mean {near[0]}?" if near else ""))


def _one_line(error: ErrorDetails, env_file: Path | None, overrides: dict[str, Any]) -> str:
    """The first fault in one line for a person, in terms of the variable they wrote."""
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return message
    named = str(error["loc"][0])
    by_lower = {name.lower(): field for name, field in variable_names().items()}
    field = named if named in Settings.model_fields else by_lower.get(named.lower(), named)
    name = variable_name(field)
    if field in SECRET_FIELDS:
        return f"{name} is wrong: {message}"
    from_file = dotenv_values(env_file, encoding="utf-8") if env_file is not None and env_file.exists() else {}
    value = overrides.get(field, os.environ.get(name) or from_file.get(name))
    return f"{name}={value} is wrong: {message[:1].lower()}{message[1:]}"


def _make_data_dir(folder: Path) -> None:
    # As root it may be passed through (not listed): the embedded PostgreSQL's user must reach its own folder in it.
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        folder.mkdir(mode=0o711 if root else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"CRM_DATA_DIR={folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConfigError(f"CRM_DATA_DIR={folder} is wrong: the folder must be writable")


def _kept_secret_key(folder: Path) -> str:
    """The key in the data folder, made on the first call. Processes that start together get the same one."""
    path = folder / "secret_key"
    if not path.exists():
        handle, temporary = tempfile.mkstemp(prefix="secret_key.", dir=folder)  # mkstemp makes it 0600
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # Unlike a rename it does not replace the key of a quicker process.
        except FileExistsError:
            pass
        except OSError:  # A file system without hard links.
            Path(temporary).replace(path)
            temporary = ""
        if temporary:
            Path(temporary).unlink()
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The secret key {path} cannot be read: {error}") from None
    if len(key) < SECRET_KEY_CHARACTERS:
        raise ConfigError(f"The secret key in {path} is damaged: restore the file, or delete it (signs everybody out)")
    return key
