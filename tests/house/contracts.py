"""Import contracts of our own, for import-linter: they cover a new slice or rule the day it lands."""

from __future__ import annotations

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

from tests.house.source_rules import PRODUCT, SLICE_FILES


class _ChainContract(Contract):
    """Base: a check that ends in a list of import chains that should not be."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        del verbose
        chains = self.forbidden_chains(graph)
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(" -> ".join(chain))

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        raise NotImplementedError


def _slice_and_layer(module: str) -> tuple[str, str]:
    """The folder of a slice, and the file in it. A package `use_cases` is one layer, as the file would be."""
    parts = module.split(".")
    if "use_cases" in parts:
        return ".".join(parts[: parts.index("use_cases")]), "use_cases"
    return ".".join(parts[:-1]), parts[-1]


def _within(name: str, packages: list[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


class PureRules(_ChainContract):
    """Every module of a slice whose file name is not one of the fixed ones holds a rule, and a rule
    reaches no forbidden module, not even through others.

    - also: further modules that must be as pure.
    - of_values: imports (`a -> b`) that take a type of value from a package and nothing that acts.
    """

    also: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    of_values: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    forbidden: Any = fields.ListField(subfield=fields.StringField())

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        for each in self.of_values:
            importer, _, imported = each.partition(" -> ")
            graph.remove_import(importer=importer, imported=imported)
        sources = [name for name in sorted(graph.modules) if self._holds_a_rule(name, graph)]
        chains = []
        for source in sources:
            for reached in sorted(graph.find_upstream_modules(source)):
                if reached in self.also or not _within(reached, self.forbidden):
                    continue
                chains.append(
                    tuple(graph.find_shortest_chain(source, reached) or (source, reached))
                )
                break
        return chains

    def _holds_a_rule(self, name: str, graph: ImportGraph) -> bool:
        if _within(name, self.also):
            return True
        parts = name.split(".")
        return (
            len(parts) >= 4
            and parts[0] == "services"
            and parts[2] != "migrations"
            and _slice_and_layer(name)[1] not in SLICE_FILES
            and not graph.find_children(name)
        )


class SharesOnly(_ChainContract):
    """Of the product, a package reaches nothing but the modules named, directly or through them."""

    package: Any = fields.StringField()
    shared: Any = fields.ListField(subfield=fields.StringField())

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        own = {self.package, *graph.find_descendants(self.package)}
        permitted = own | set(self.shared)
        chains: list[tuple[str, ...]] = []
        for module in sorted(permitted & graph.modules):
            for imported in sorted(graph.find_modules_directly_imported_by(module)):
                if imported.split(".")[0] in PRODUCT and imported not in permitted:
                    chains.append((module, imported))
        return chains


def _is_endpoint_with_sql(importer: str, imported: str) -> bool:
    return _slice_and_layer(importer)[1] == "endpoints" and (
        imported.startswith("services.")
        and _slice_and_layer(imported)[1] in ("repository", "reports")
    )


class SliceLayers(_ChainContract):
    """Within a slice, what stands lower in `order` never imports what stands higher.

    - strict: packages whose endpoints call use cases only: no SQL, of no slice.
    """

    order: Any = fields.ListField(subfield=fields.StringField())
    strict: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        """Modules of a rule stand beside the schemas: rules may speak of them, and they of rules."""
        height = {
            name: len(self.order) - place
            for place, names in enumerate(self.order)
            for name in names.replace(" ", "").split("|")
        }

        def height_of(module: str) -> int:
            return height.get(_slice_and_layer(module)[1], height["schemas"])

        chains: list[tuple[str, ...]] = []
        for importer in sorted(graph.modules):
            folder = _slice_and_layer(importer)[0]
            if not folder.startswith("services.") or folder.count(".") < 2:
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                same_slice = _slice_and_layer(imported)[0] == folder
                if (same_slice and height_of(imported) > height_of(importer)) or (
                    _within(importer, self.strict) and _is_endpoint_with_sql(importer, imported)
                ):
                    chains.append((importer, imported))
        return chains


class DoorsOnly(_ChainContract):
    """Of a package, other modules of its service import the doors and nothing else.

    - doors: the modules that others may import.
    - importers: packages that are judged; without them the whole service but for `apart`.
    - apart: modules and packages that are not judged here.
    """

    package: Any = fields.StringField()
    doors: Any = fields.ListField(subfield=fields.StringField())
    importers: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])
    apart: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        judged = self.importers or [self.package.rpartition(".")[0]]
        permitted = {self.package, *self.doors}
        found = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if _within(importer, judged) and not _within(importer, [self.package, *self.apart])
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if _within(imported, [self.package]) and imported not in permitted
        ]
        unknown = {(door, "no such module") for door in self.doors if door not in graph.modules}
        return sorted({*found} | unknown)


class KnowsOnly(_ChainContract):
    """Of the services, a package imports itself and the modules named, and nothing else."""

    package: Any = fields.StringField()
    known: Any = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def forbidden_chains(self, graph: ImportGraph) -> list[tuple[str, ...]]:
        return [
            (importer, imported)
            for importer in sorted(graph.find_descendants(self.package))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if _within(imported, ["services"])
            and not _within(imported, [self.package])
            and imported not in self.known
        ]
