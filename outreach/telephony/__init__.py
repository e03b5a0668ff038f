"""The phone company: its protocol, Twilio's HTTP, and a simulator of it."""
