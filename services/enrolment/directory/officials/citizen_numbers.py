"""Soft checks of the citizen number (số định danh cá nhân, NĐ 137/2015/NĐ-CP and TT 07/2016/TT-BCA).

Twelve digits: three of the province of birth registration in the old list of 63 (kept for life) or of a
country, one of century and sex, two of the year of birth, six at random. There is no check digit.
"""

from __future__ import annotations

from services.enrolment.directory.agencies.provinces import OLD_LIST
from shared.imports.issues import Issue

FIRST_COUNTRY = 100
"""Prefixes below are provinces, the others countries of birth. Which of these are given out (annex of TT
07/2016/TT-BCA) is not certain, and few officials were registered abroad, while a wrong first digit looks just
like it: each of them is doubted."""


def doubts(
    number: str, birth_date: str, sex: str | None, pointer: str = "/citizen_id"
) -> list[Issue]:
    """Warnings only: registers hold honest mistakes that their clerk must not be stopped by."""
    found = []
    prefix, century_and_sex = number[:3], int(number[3])
    if int(prefix) < FIRST_COUNTRY and (prefix[0] != "0" or prefix[1:] not in OLD_LIST):
        found.append(
            Issue(
                pointer,
                "citizen_id_prefix",
                "Ba số đầu không phải mã nơi đăng ký khai sinh (danh mục 63 tỉnh cũ hoặc mã nước).",
                "The first three digits are no place of birth registration (old 63 provinces or a country).",
                "warning",
            )
        )
    elif int(prefix) >= FIRST_COUNTRY:
        found.append(
            Issue(
                pointer,
                "citizen_id_country",
                "Ba số đầu không phải mã tỉnh mà chỉ có thể là mã nước; hãy kiểm tra, trừ khi người này"
                " đăng ký khai sinh ở nước ngoài.",
                "The first three digits are no province and could only be a country; check them, unless"
                " the birth was registered abroad.",
                "warning",
            )
        )
    year = 1900 + 100 * (century_and_sex // 2) + int(number[4:6])
    if birth_date[:4] != str(year):
        found.append(
            Issue(
                pointer,
                "citizen_id_birth_year",
                "Năm sinh trong số định danh khác năm sinh đã khai.",
                "The year of birth in the citizen number differs from the one given.",
                "warning",
            )
        )
    if sex is not None and ("female" if century_and_sex % 2 else "male") != sex:
        found.append(
            Issue(
                pointer,
                "citizen_id_sex",
                "Giới tính trong số định danh khác giới tính đã khai.",
                "The sex in the citizen number differs from the one given.",
                "warning",
            )
        )
    return found
