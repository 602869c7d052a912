"""Changing the assignments of one official."""

from __future__ import annotations

import msgspec

from services.enrolment.directory.officials import repository
from services.enrolment.directory.officials.announcements import changed_event
from services.enrolment.directory.officials.official import Official
from services.enrolment.directory.officials.posts import Post
from shared.persistence.unit_of_work import UnitOfWork


async def change_posts(work: UnitOfWork, official: Official, posts: list[Post]) -> Official:
    """Writes an official as it is from now on. The official must be locked."""
    code = official.official_code
    before = {post.assignment_id: post for post in official.posts}
    changed = [(code, post) for post in posts if before.pop(post.assignment_id, None) != post]
    after = msgspec.structs.replace(official, posts=posts, version=official.version + 1)
    if before:
        gone = [(code, identifier) for identifier in before]
        await repository.remove_posts(work.connection, gone)
    await repository.save_posts(work.connection, changed)
    await repository.change_officials(work.connection, [after])
    work.emit(changed_event(after), subject=code)
    return after
