"""PDF from a typst template and values. The template is ours; the values are whatever people typed."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from .typeface import covered, showable


@dataclass(slots=True)
class Typesetter:
    """Sets documents with the fonts it is given and no others, so that every machine sets the same pages."""

    fonts: Path
    """A folder of TTF files; typst does not read woff2."""
    at_once: int = 1
    """How many documents are set at the same time; each takes a core for about a tenth of a second."""
    _turns: asyncio.Semaphore = field(init=False)
    _known: frozenset[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.at_once)
        faces = [covered(path.read_bytes()) for path in sorted(self.fonts.glob("*.ttf"))]
        self._known = frozenset.intersection(*faces)

    async def pdf(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The document, PDF/A-2a and PDF/UA-1.

        template  typst source; it reads the values by ``json(bytes(sys.inputs.values))``, so that nothing anyone
            typed is ever read as markup
        at  the moment the file says it was made; the same template, values and moment give the same bytes
        """
        async with self._turns:
            return await asyncio.to_thread(self.set, template, values, at)

    def set(self, template: str, values: Mapping[str, Any], at: datetime) -> bytes:
        """The same, in the calling thread. Raises typst.TypstError when the template is wrong: a mistake of ours."""
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[self.fonts])
        made = typst.Compiler(root=self.fonts, font_paths=fonts).compile(
            template.encode(),
            format="pdf",
            sys_inputs={"values": json.dumps(self._showable(values), ensure_ascii=False)},
            # Archival (ISO 19005-2, level A) and accessible (ISO 14289-1): tagged, fonts inside, readable aloud.
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(at.timestamp()),
        )
        assert isinstance(made, bytes), "typst gives bytes when no output file is named"
        return made

    def _showable(self, value: Any) -> Any:
        if isinstance(value, str):
            return showable(value, self._known)
        if isinstance(value, Mapping):
            return {key: self._showable(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._showable(each) for each in value]
        return value
