"""The sandbox's web application, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from sandbox.background import Background
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.mail import Mail
from sandbox.movements import Movements
from sandbox.overview import Overview
from sandbox.paypal import events as paypal_events
from sandbox.paypal.control import PayPalControl
from sandbox.paypal.gateway import Gateway as PayPalGateway
from sandbox.paypal.pages import Pages as PayPalPages
from sandbox.paypal.routes import PATHS as PAYPAL_PATHS
from sandbox.scripts import Scripts
from sandbox.store import Store
from sandbox.stripe import webhook_endpoints
from sandbox.stripe.connect_control import ConnectControl
from sandbox.stripe.control import StripeControl
from sandbox.stripe.gateway import Gateway
from sandbox.stripe.hosted import HostedCheckout
from sandbox.stripe.onboarding import Onboarding
from sandbox.trace import Trace


@dataclass(frozen=True)
class Configuration:
    state: Path
    host: str = "127.0.0.1"
    smtp_port: int | None = None
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"
    available_after_seconds: float | None = None
    paypal_webhook_url: str | None = None
    paypal_webhook_id: str = "WH0SANDBOX0000001"
    paypal_ca_file: Path | None = None
    trace: str | None = None
    strict: bool = False


class _Parts:
    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.store = Store(configuration.state)
        self.clock = Clock(self.store)
        self.faults = Faults(self.store)
        self.trace = Trace(configuration.trace)
        self.background = Background(store=self.store, clock=self.clock)
        self.paypal = PayPalGateway(
            store=self.store,
            clock=self.clock,
            faults=self.faults,
            trace=self.trace,
            strict=configuration.strict,
            wake=self.background.wake,
        )
        self.paypal_pages = PayPalPages(store=self.store, gateway=self.paypal, wake=self.background.wake)
        self.gateway = Gateway(
            store=self.store,
            clock=self.clock,
            faults=self.faults,
            trace=self.trace,
            strict=configuration.strict,
            wake=self.background.wake,
        )
        self.overview = Overview(store=self.store, clock=self.clock, gateway=self.gateway, paypal=self.paypal)
        self.mail = Mail(store=self.store, clock=self.clock)
        self.scripts = Scripts(store=self.store, gateway=self.gateway, wake=self.background.wake)
        self.hosted = HostedCheckout(store=self.store, gateway=self.gateway, wake=self.background.wake)
        self.stripe_control = StripeControl(store=self.store, gateway=self.gateway, wake=self.background.wake)
        self.connect_control = ConnectControl(store=self.store, gateway=self.gateway, wake=self.background.wake)
        self.onboarding = Onboarding(store=self.store, gateway=self.gateway, wake=self.background.wake)
        self.paypal_control = PayPalControl(store=self.store, gateway=self.paypal, wake=self.background.wake)
        self.movements = Movements(store=self.store, stripe=self.gateway, paypal=self.paypal, wake=self.background.wake)
        self.control = Control(
            store=self.store,
            clock=self.clock,
            faults=self.faults,
            gateway=self.gateway,
            paypal=self.paypal,
            background=self.background,
            reset=self.reset,
        )
        self.configure()

    def configure(self) -> None:
        """Writes what the command line says into the state."""
        configuration = self.configuration
        with self.store.transaction():
            webhook_endpoints.configure(
                self.gateway.work(), url=configuration.webhook_url, secret=configuration.webhook_secret
            )
            paypal_events.configure(
                self.paypal.work(), url=configuration.paypal_webhook_url, webhook_id=configuration.paypal_webhook_id
            )
            if configuration.available_after_seconds is not None:
                self.store.set_setting("available_after_seconds", configuration.available_after_seconds)

    def reset(self) -> None:
        self.store.empty()
        self.clock.return_to_real_time()
        self.faults.clear()
        self.gateway.forget()
        self.paypal.forget()
        self.configure()


def create(configuration: Configuration) -> Starlette:
    parts = _Parts(configuration)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if configuration.paypal_ca_file is not None:
            configuration.paypal_ca_file.parent.mkdir(parents=True, exist_ok=True)
            configuration.paypal_ca_file.write_text(parts.paypal.certificates.root_pem)
        parts.background.start(parts.gateway, parts.paypal)
        smtp = None
        if configuration.smtp_port is not None:
            smtp = await asyncio.get_running_loop().create_server(
                parts.mail.protocol, configuration.host, configuration.smtp_port
            )
        yield
        if smtp is not None:
            smtp.close()
        await parts.background.stop()
        parts.trace.close()
        parts.store.close()

    methods = ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]

    def listens(base_url: str) -> None:
        """Deliveries tell the receiver where the certificate is."""
        parts.paypal.base_url = base_url

    application = Starlette(
        lifespan=lifespan,
        routes=[
            *(Route(path, parts.paypal.__call__, methods=methods) for path in PAYPAL_PATHS),
            *parts.paypal_pages.routes(),
            Route("/v1/{path:path}", parts.gateway.__call__, methods=methods),
            *parts.overview.routes(),
            *parts.control.routes(),
            *parts.stripe_control.routes(),
            *parts.connect_control.routes(),
            *parts.onboarding.routes(),
            *parts.hosted.routes(),
            *parts.paypal_control.routes(),
            *parts.movements.routes(),
            *parts.scripts.routes(),
            *parts.mail.routes(),
        ],
    )
    application.state.listens = listens
    return application
