"""A phone company that speaks Twilio's HTTP, for development, the demo and the tests."""

from outreach.telephony.simulator.company import create_simulator
from outreach.telephony.simulator.plan import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, Plan
from outreach.telephony.simulator.server import run_simulator

__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "OUR_NUMBER", "Plan", "create_simulator", "run_simulator"]
