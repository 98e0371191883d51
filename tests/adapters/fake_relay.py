"""A program that behaves like the relay as far as its supervisor can see: says it is ready, answers, ends when told."""

import http.server
import json
import os
import sys


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_ours = self.headers["Authorization"] == os.environ["RELAY_KEYS"].partition(": ")[2]
        self.send_response(200 if is_ours else 401)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def main() -> None:
    if "broken" in sys.argv:
        sys.exit("this relay cannot start")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["RELAY_HTTP_PORT"])), Answers)
    print(json.dumps({"event": "ready"}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
