"""What is said of versions of agencies that cannot stand."""

from __future__ import annotations

from typing import Final

from services.enrolment.directory.agencies.submissions import error
from services.enrolment.directory.agencies.tree import LEVELS

OF_FAULTS: Final = {
    "parent_unknown": (
        "/parent_code",
        "Không có cơ quan cấp trên “{other}”.",
        "There is no parent agency “{other}”.",
    ),
    "child_outlives_parent": (
        "/valid_to",
        "“{code}” tồn tại ngoài thời gian của cấp trên “{other}”.",
        "“{code}” would exist on days on which its parent “{other}” does not.",
    ),
    "agency_cycle": (
        "/parent_code",
        "“{code}” sẽ đứng trên chính mình, qua “{other}”.",
        "“{code}” would stand above itself, by way of “{other}”.",
    ),
    "bloc_border": (
        "/parent_code",
        "“{other}” sẽ sang khối khác; tài khoản thuộc một khối không đưa cơ quan nào qua ranh giới giữa hai khối.",
        "“{other}” would come to the other bloc; a caller of one bloc brings no body over the border of the two.",
    ),
    "tree_too_deep": (
        "/parent_code",
        f"“{{other}}” sẽ đứng dưới cấp thứ {LEVELS}; cây cơ quan có nhiều nhất {LEVELS} cấp.",
        f"“{{other}}” would stand below level {LEVELS}; the tree of agencies has at most {LEVELS} levels.",
    ),
}


CODE_TAKEN: Final = error(
    "/code",
    "not_found",
    "Không tìm thấy cơ quan này trong phạm vi của bạn, và không lập mới được bằng mã này.",
    "There is no such agency in your scope, and none can be set up under this code.",
)
QUESTIONS_SPENT: Final = error(
    "/code",
    "too_many_requests",
    "Hôm nay đã có quá nhiều mã ngoài phạm vi bị từ chối; ngày mai hãy gửi lại dòng này.",
    "Too many codes outside the scope were refused today; send this row tomorrow.",
)
