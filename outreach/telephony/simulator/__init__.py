"""A phone company that speaks Twilio's HTTP, for development, the demo and the tests."""

from outreach.telephony.simulator.plan import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, Plan

# Its plan only: whoever names an account of it does not wait for its servers.
__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "OUR_NUMBER", "Plan"]
