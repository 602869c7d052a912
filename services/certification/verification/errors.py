"""Refusals of public verification."""

from __future__ import annotations

from collections.abc import Sequence

from shared.contracts.problem import NotFound, Problem


class HolderGuessesSpent(Problem):
    """Too many wrong names or birth dates were given today: for this certificate, or from this address. The
    status of the certificate is still shown; only the holder is not compared."""

    code, status = "holder_guesses_spent", 429
    title_vi, title_en = "Đã nhập sai quá nhiều lần", "Too many wrong names or birth dates"


def no_match() -> NotFound:
    return NotFound("Không có chứng chỉ khớp thông tin này", "No certificate fits this")


def unknown_serial(misspelt: bool, near: Sequence[str]) -> NotFound:
    vi, en = "Không có chứng chỉ với số hiệu này", "No certificate has this serial"
    if len(near) == 1:
        return NotFound(
            f"{vi}; có phải ý bạn là số hiệu ở did_you_mean",
            f"{en}; the one in did_you_mean may be meant",
            extra={"did_you_mean": near[0]},
        )
    if near:
        return NotFound(
            f"{vi}, nhưng có nhiều số hiệu gần giống; hãy xem kỹ chữ O và số 0, chữ I, l và số 1, dấu gạch và"
            " các số 0 đứng đầu",
            f"{en}, but several are like it; look at O and 0, at I, l and 1, at separators and leading zeros",
        )
    if misspelt:
        return NotFound(
            f"{vi}; ký tự kiểm tra ở cuối không khớp, có lẽ gõ nhầm (chữ O và số 0, chữ I, l và số 1)",
            f"{en}; its check character does not fit, so it may be mistyped (O and 0, I, l and 1)",
        )
    return NotFound(vi, en)
