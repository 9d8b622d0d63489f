"""Errors as RFC 9457 problem+json. One small tree; each says what happened and what to do next.

Problem
├── Malformed (422)      the request itself is not well formed
├── Unsound (422)        a rule pack that may not be installed; `problems` says each line, what and what next
├── SignInNeeded (401)   no session, or no device
├── SignInRefused (401)
├── PasskeyRefused (401)
├── CodeNeeded (401)     the passphrase fits, and the account has one-time codes
├── Forbidden (403)      the caller's role never may
├── ProofNeeded (403)    the role may, after proving again who the person is
├── SecondFactorNeeded (403)    the role may, after a second factor
├── NotFound (404)       unknown and not-yours look alike
├── Conflict (409)
├── TooLarge (413)
├── TooMany (429)
└── Unavailable (503)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

TYPE_PREFIX = "urn:handoff:problem:"


class Problem(Exception):
    """An answer other than success. `code` is stable; `detail` is for people; `problems` are parts of a text at fault."""

    status = 500
    code = "problem"
    title = "Something went wrong"

    def __init__(
        self, detail: str = "", *, retry_after_seconds: int | None = None, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds
        self.problems = problems


class Malformed(Problem):
    status, code, title = 422, "malformed", "The request is not well formed"


class Unsound(Problem):
    status, code, title = 422, "unsound-pack", "The rule pack needs attention"


class SignInNeeded(Problem):
    status, code, title = 401, "sign-in-needed", "Sign in to continue"


class SignInRefused(Problem):
    status, code, title = 401, "sign-in-refused", "The name or the passphrase is not right"


class PasskeyRefused(Problem):
    status, code, title = 401, "passkey-refused", "The passkey was not accepted"


class CodeNeeded(Problem):
    status, code, title = 401, "code-needed", "Enter the code from your authenticator app"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Your role may not do this"


class ProofNeeded(Problem):
    status, code, title = 403, "proof-needed", "Prove again that it is you"


class SecondFactorNeeded(Problem):
    status, code, title = 403, "second-factor-needed", "Your program asks for a second factor"


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here for you"


class Conflict(Problem):
    status, code, title = 409, "conflict", "Something else already stands there"


class TooLarge(Problem):
    status, code, title = 413, "too-large", "Send less at once"


class TooMany(Problem):
    status, code, title = 429, "too-many", "Wait a moment and try again"


class Unavailable(Problem):
    status, code, title = 503, "unavailable", "Not ready; try again shortly"


def response(
    status: int, code: str, title: str, detail: str = "", errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None, problems: Sequence[Mapping[str, Any]] = (),
) -> JSONResponse:  # fmt: skip
    """One problem document."""
    body: dict[str, Any] = {"type": TYPE_PREFIX + code, "title": title, "status": status, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    if problems:
        body["problems"] = list(problems)
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=dict(headers or {}))


Afterwards = Callable[[Request, "Problem"], None]


def install(app: FastAPI, afterwards: Afterwards) -> None:
    """Turn every error of the application into a problem document; nothing of the input is echoed.

    `afterwards` hears of each problem once its answer has left.
    """

    @app.exception_handler(Problem)
    def _problem(request: Request, problem: Problem) -> JSONResponse:
        headers = {}
        if problem.retry_after_seconds is not None:
            headers["Retry-After"] = str(problem.retry_after_seconds)
        answer = response(
            problem.status, problem.code, problem.title, problem.detail, headers=headers, problems=problem.problems
        )
        answer.background = BackgroundTask(afterwards, request, problem)
        return answer

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item["msg"])}
            for item in error.errors()[:20]
        ]
        return response(422, Malformed.code, Malformed.title, "Correct the fields named in errors.", errors)

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> JSONResponse:
        code = {404: NotFound.code, 405: "method-not-allowed", 413: TooLarge.code}.get(error.status_code, "http")
        return response(error.status_code, code, str(error.detail), headers=error.headers)

    @app.exception_handler(Exception)
    def _crash(_request: Request, _error: Exception) -> JSONResponse:
        return response(
            500, "crash", Problem.title, "This is a fault of the server; nothing you sent is lost. Try again."
        )
