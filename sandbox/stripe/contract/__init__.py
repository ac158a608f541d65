"""What Stripe's API accepts and answers, compiled from the types of the installed `stripe` package.

Stripe generates the package from its own specification, so its types say which parameters an endpoint takes, which
are required, and which fields an object has. They are read with `ast`, lazily and one type at a time: nothing of the
package is imported, so the simulator starts fast and cannot call the SDK by accident.
"""

from sandbox.stripe.contract.endpoints import Contract, Endpoint
from sandbox.stripe.contract.shapes import ParameterInvalid

__all__ = ["Contract", "Endpoint", "ParameterInvalid"]
