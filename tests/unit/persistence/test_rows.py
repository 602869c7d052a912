"""Parts of statements follow from the declared table."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import pytest
from sqlalchemy import ARRAY, Column, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.persistence.rows import columns_of


class Declared(SQLModel, registry=registry(metadata=MetaData(schema="somewhere"))):
    """Base of a table that no service has."""


class Book(Declared, table=True):
    __tablename__ = "book"

    code: str = Field(sa_column=Column(Text(collation="C"), primary_key=True))
    bought_on: dt.date
    about: dict[str, str] = Field(sa_column=Column(JSONB))
    readers: list[str] = Field(sa_column=Column(ARRAY(Text)))


class BookRow(NamedTuple):
    bought_on: dt.date
    code: str


class Misspelt(NamedTuple):
    cod: str


def test_all_columns_come_in_the_order_of_the_table() -> None:
    assert columns_of(Book).listed == "code, bought_on, about, readers"
    assert columns_of(Book).casts == ("text", "date", "jsonb", "text[]")


def test_a_row_chooses_its_columns_and_their_order() -> None:
    books = columns_of(Book, BookRow)
    assert books.insert_one() == "INSERT INTO book (bought_on, code) VALUES ($1::date, $2::text)"
    assert books.insert_given() == (
        "INSERT INTO book (bought_on, code) SELECT given.bought_on, given.code"
        " FROM unnest($1::date[], $2::text[]) AS given (bought_on, code)"
    )


def test_a_field_that_is_no_column_is_refused_at_once() -> None:
    with pytest.raises(KeyError, match="cod"):
        columns_of(Book, Misspelt)


def test_parts_for_upserts_and_updates() -> None:
    books = columns_of(Book, BookRow)
    assert books.without("code").set_from() == "bought_on = excluded.bought_on"
    assert (
        books.only("code", "bought_on").set_from("new")
        == "code = new.code, bought_on = new.bought_on"
    )
    assert books.given("new", first=3) == "unnest($3::date[], $4::text[]) AS new (bought_on, code)"
    assert books.of("b") == "b.bought_on, b.code"


def test_an_upsert_sets_what_is_not_its_key() -> None:
    assert columns_of(Book, BookRow).upsert_given("code") == (
        "INSERT INTO book (bought_on, code) SELECT given.bought_on, given.code"
        " FROM unnest($1::date[], $2::text[]) AS given (bought_on, code)"
        " ON CONFLICT (code) DO UPDATE SET bought_on = excluded.bought_on"
    )


def test_rows_are_deleted_where_all_columns_are_equal() -> None:
    assert columns_of(Book, BookRow).delete_given() == (
        "DELETE FROM book kept USING unnest($1::date[], $2::text[]) AS given (bought_on, code)"
        " WHERE kept.bought_on = given.bought_on AND kept.code = given.code"
    )


def test_rows_become_one_array_for_each_column() -> None:
    books = columns_of(Book, BookRow)
    day = dt.date(2026, 3, 1)
    assert books.arrays([BookRow(day, "a"), BookRow(day, "b")]) == [[day, day], ["a", "b"]]
    assert books.arrays([]) == [[], []]
