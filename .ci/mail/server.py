"""A mail server that fails now and then at every step, and writes down every mail that it takes in.

python server.py RECORD CERTIFICATE KEY SEED TROUBLE

Prints its port. RECORD gets a line of JSON per mail: its id, recipient, flag, and whether it was answered. TROUBLE is the
chance of each kind of trouble at each step. Whoever is called rejected* is unknown here, letters to unwanted* are refused
after their text.
"""

import asyncio
import json
import random
import ssl
import sys
from email.parser import BytesHeaderParser

from aiosmtpd.smtp import SMTP, AuthResult

STEPS = ["EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"]


class Office:
    """What all conversations share; at the same time aiosmtpd's handler."""

    def __init__(self, record, seed, trouble):
        self.record = open(record, "a", encoding="utf-8")
        self.dice = random.Random(seed)
        self.trouble = trouble

    def roll(self, kinds):
        """One of the kinds of trouble, or None."""
        rolled = self.dice.random()
        return kinds[int(rolled / self.trouble)] if rolled < self.trouble * len(kinds) else None

    def note(self, envelope, fate):
        head = BytesHeaderParser().parsebytes(envelope.content)
        line = {"id": head["Message-ID"], "to": envelope.rcpt_tos[0], "flag": head["X-Pilotlight-Resent"] == "1", "fate": fate}
        self.record.write(json.dumps(line) + "\n")
        self.record.flush()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("rejected"):
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("unwanted"):
            return "554 5.7.1 not here"
        fate = self.roll(["defer", "forget", "cut", "hang"])
        if fate == "defer":
            return "451 4.3.0 later"
        if fate == "forget":
            server.transport.abort()
            return "250 never heard"
        # Taken in, whatever the other side hears of it.
        self.note(envelope, fate or "answered")
        if fate == "cut":
            server.transport.abort()
        elif fate == "hang":
            await asyncio.sleep(3600)
        return "250 2.0.0 taken"


class Conversation(SMTP):
    async def _handle_client(self):
        if not await self.goes_wrong():
            await super()._handle_client()

    async def goes_wrong(self):
        """Drops the connection, does not answer, or asks for patience."""
        fate = self.event_handler.roll(["drop", "defer", "hang"])
        if fate == "drop":
            self.transport.abort()
        elif fate == "defer":
            await self.push("421 4.3.2 later")
            self.transport.close()
        elif fate == "hang" and self.event_handler.dice.random() < 0.3:
            await asyncio.sleep(3600)
        else:
            return False
        return True


def step(name):
    usual = getattr(SMTP, f"smtp_{name}")

    async def taken(self, arg):
        if not await self.goes_wrong():
            await usual(self, arg)

    setattr(Conversation, f"smtp_{name}", taken)


for name in STEPS:
    step(name)


async def main(record, certificate, key, seed, trouble):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    office = Office(record, int(seed), float(trouble))
    loop = asyncio.get_running_loop()
    # Connections that die in the middle are what this is about.
    loop.set_exception_handler(lambda loop, context: None)

    def conversation():
        known = lambda *_: AuthResult(success=True)  # noqa: E731
        return Conversation(
            office, hostname="post.example", tls_context=tls, require_starttls=True, auth_required=True, authenticator=known, loop=loop
        )

    server = await loop.create_server(conversation, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
