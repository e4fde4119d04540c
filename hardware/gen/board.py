"""Lays the board out with KiCad's own library: parts in place, tracks, pours, words.

Run once after a change of the circuit (``python -m hardware.gen board``), looked at, and
committed: KiCad gives new identities at every run, so the checks hold the file that is there.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as xml
from collections.abc import Iterable
from pathlib import Path

from . import tools
from .placement import (
    ENTRY,
    FED,
    ISOLATED,
    NOTCH_DEPTH,
    NOTCH_HALF,
    Spot,
    shape,
    spots,
)
from .route import STEP_MM, Cell, Maze, Rules, Shape, find, straight

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian puts KiCad's
import itertools

import pcbnew

_LOOP = (
    "Net-(D4-A",
    "Net-(D5-K",
    "Net-(FB",
    "unconnected-(J2-",
    "unconnected-(J5-",
    "unconnected-(U1-",
)
GAP_MM, ISOLATION_MM = 0.2, 3.0
WIDTHS_MM = {"+3V3": 0.5, "GND": 0.5, "+5V": 0.5}
TRACK_MM, VIA_MM, DRILL_MM = 0.3, 0.8, 0.4
SPOKES = 2
INSIDE = {  # where a reference stands, mm in front of the part's middle
    **dict.fromkeys((f"SW{n}" for n in range(1, 7)), 0.0),
    **dict.fromkeys(("J5", "J6", "J7"), 2.6),
    **dict.fromkeys(("J8", "J9"), 0.0),
    **dict.fromkeys(("D50", "D51", "D52"), 4.0),
}


def isolated(net: str) -> bool:
    """Whether that net belongs to the current loop of MIDI IN, or stands in it unused."""
    return net.startswith(_LOOP)


def mm(value: float) -> int:
    return pcbnew.FromMM(value)


def at(x: float, y: float) -> pcbnew.VECTOR2I:
    return pcbnew.VECTOR2I(mm(x), mm(y))


class Layout:
    """The board as it grows."""

    def __init__(self, netlist: Path, target: Path) -> None:
        self.board = pcbnew.NewBoard(str(target))
        self.target, self.geometry = target, shape()
        self.root = xml.parse(netlist).getroot()
        self.nets: dict[str, pcbnew.NETINFO_ITEM] = {}
        self._rules()

    def _rules(self) -> None:
        settings = self.board.GetDesignSettings()
        settings.m_TrackMinWidth, settings.m_MinClearance = mm(0.2), mm(GAP_MM)
        settings.m_ViasMinSize, settings.m_CopperEdgeClearance = mm(0.6), mm(0.4)
        settings.m_MinThroughDrill, settings.m_HoleClearance = mm(0.3), mm(0.25)
        settings.SetBoardThickness(mm(self.geometry["outline"]["thickness"]))
        settings.m_MinResolvedSpokes = SPOKES - 1

    def parts(self) -> None:
        """Footprints with their nets, each where :mod:`.placement` has it."""
        pads: dict[tuple[str, str], str] = {}
        for net in self.root.iter("net"):
            item = pcbnew.NETINFO_ITEM(self.board, net.get("name"))
            self.board.Add(item)
            self.nets[str(net.get("name"))] = item
            for node in net.iter("node"):
                pads[str(node.get("ref")), str(node.get("pin"))] = str(net.get("name"))
        places = spots()
        for part in self.root.iter("comp"):
            self._part(part, places[str(part.get("ref"))], pads)

    def _part(self, part: xml.Element, spot: Spot, pads: dict[tuple[str, str], str]) -> None:
        library, name = str(part.findtext("footprint")).split(":")
        own = tools.KICAD / f"{library}.pretty"
        folder = own if own.is_dir() else Path("/usr/share/kicad/footprints") / f"{library}.pretty"
        footprint = pcbnew.FootprintLoad(str(folder), name)
        if footprint is None:
            raise SystemExit(f"{part.get('ref')}: no footprint {name} in {folder}")
        ref = str(part.get("ref"))
        footprint.SetFPID(pcbnew.LIB_ID(library, name))
        footprint.SetReference(ref)
        footprint.SetValue(part.findtext("value") or "")
        stamps = str(part.findtext("tstamps")).split()
        footprint.SetPath(pcbnew.KIID_PATH(f"/{stamps[0]}"))
        for entry in part.iter("field"):
            if entry.get("name") not in ("Footprint", "Datasheet", "Description"):
                footprint.SetField(str(entry.get("name")), entry.text or "")
                footprint.GetFieldByName(str(entry.get("name"))).SetVisible(False)
        given = {entry.get("name") for entry in part.iter("property")}
        footprint.SetDNP("dnp" in given)
        footprint.SetExcludedFromBOM("exclude_from_bom" in given)
        self.board.Add(footprint)
        footprint.SetPosition(at(spot.x, spot.y))
        if spot.below:
            self._below(footprint, spot)
        else:
            footprint.SetOrientationDegrees(spot.angle)
        for pad in footprint.Pads():
            if net := pads.get((ref, pad.GetNumber())):
                pad.SetNet(self.nets[net])
        footprint.Value().SetVisible(False)
        reference = footprint.Reference()
        reference.SetTextSize(at(0.9, 0.9))
        reference.SetTextThickness(mm(0.14))
        if ref in INSIDE:  # beneath the part or just in front; its name stands beside it
            middle = footprint.GetBoundingBox(False).GetCenter()
            reference.SetPosition(middle + at(0.0, INSIDE[ref]))

    def _below(self, footprint: pcbnew.FOOTPRINT, spot: Spot) -> None:
        """On the under side with pin 1 at the left, the odd row nearer to the rear."""
        footprint.Flip(footprint.GetPosition(), pcbnew.FLIP_DIRECTION_LEFT_RIGHT)
        for angle in (0, 90, 180, 270):
            footprint.SetOrientationDegrees(angle)
            places = {pad.GetNumber(): pad.GetPosition() for pad in footprint.Pads()}
            if places["39"].x - places["1"].x > mm(40) and places["2"].y > places["1"].y:
                break
        else:
            raise SystemExit("the ribbon header cannot be turned the way it should lie")

    def outline(self) -> None:
        """The edge: round corners, a notch for every TRS jack's bushing."""
        size = self.geometry["outline"]
        width, height, radius = size["width"], size["height"], size["corner_radius"]
        rear = [(radius, 0.0)]
        for x in self._trs():
            for dx, y in ((-NOTCH_HALF, 0.0), (-NOTCH_HALF, NOTCH_DEPTH)):
                rear += [(x + dx, y)]
            rear += [(x + NOTCH_HALF, NOTCH_DEPTH), (x + NOTCH_HALF, 0.0)]
        rear.append((width - radius, 0.0))
        lines = list(itertools.pairwise(rear))
        lines.append(((width, radius), (width, height - radius)))
        lines.append(((width - radius, height), (radius, height)))
        lines.append(((0.0, height - radius), (0.0, radius)))
        for begin, end in lines:
            self._edge(pcbnew.SHAPE_T_SEGMENT, begin, end)
        bend = radius * (1 - 0.5**0.5)
        for begin, mid, end in (
            ((0.0, radius), (bend, bend), (radius, 0.0)),
            ((width - radius, 0.0), (width - bend, bend), (width, radius)),
            ((width, height - radius), (width - bend, height - bend), (width - radius, height)),
            ((radius, height), (bend, height - bend), (0.0, height - radius)),
        ):
            self._edge(pcbnew.SHAPE_T_ARC, begin, end, mid)

    def _trs(self) -> list[float]:
        return [jack["x"] for jack in self.geometry["rear"]["jacks"] if jack["kind"] == "trs"]

    def _edge(
        self,
        kind: int,
        begin: tuple[float, float],
        end: tuple[float, float],
        mid: tuple[float, float] | None = None,
    ) -> None:
        shape_ = pcbnew.PCB_SHAPE(self.board, kind)
        if mid is None:
            shape_.SetStart(at(*begin))
            shape_.SetEnd(at(*end))
        else:
            shape_.SetArcGeometry(at(*begin), at(*mid), at(*end))
        shape_.SetLayer(pcbnew.Edge_Cuts)
        shape_.SetWidth(mm(0.1))
        self.board.Add(shape_)

    # --- tracks

    def route(self) -> list[str]:
        """Every net; returns those that found no way."""
        failed = []
        shapes = [*self._copper(), *self._forbidden()]
        order = sorted(self._pads(), key=lambda net: self._rank(net, self._pads()[net]))
        for name in order:
            pads = self._pads()[name]
            if len(pads) > 1:
                mazes = [
                    self._maze(name, width_mm, shapes)
                    for width_mm in sorted({WIDTHS_MM.get(name, TRACK_MM), TRACK_MM}, reverse=True)
                ]
                new, left = self._net(name, pads, mazes)
                shapes += new
                if left:
                    failed.append(f"{name}: {left} pads left")
        return failed

    def _maze(self, name: str, width_mm: float, shapes: list[Shape]) -> Maze:
        outline = self.geometry["outline"]
        maze = Maze(outline["width"], outline["height"], Rules(width_mm, GAP_MM + 0.02, VIA_MM))
        loop = {item.GetNetCode() for net, item in self.nets.items() if isolated(net)}
        for shape_ in shapes:
            apart = (shape_.net in loop) != isolated(name) and shape_.net != 0
            gap = ISOLATION_MM - GAP_MM if apart else 0.0
            maze.add(
                Shape(shape_.net, shape_.layer, shape_.x1, shape_.y1, shape_.x2, shape_.y2, gap)
            )
        if isolated(name):
            for grid in (maze.track, maze.via):  # stay at home
                grid[:, round(34 / STEP_MM) :, :] = -1
                grid[:, :, round(39.5 / STEP_MM) :] = -1
        return maze

    def _rank(self, name: str, pads: list[pcbnew.PAD]) -> tuple[int, float]:
        group = 0 if isolated(name) else 2 if name == "+3V3" else 3 if name == "GND" else 1
        xs, ys = zip(*((p.GetPosition().x, p.GetPosition().y) for p in pads), strict=True)
        return group, (max(xs) - min(xs) + max(ys) - min(ys)) / 1e6

    def _pads(self) -> dict[str, list[pcbnew.PAD]]:
        found: dict[str, list[pcbnew.PAD]] = {}
        for footprint in self.board.GetFootprints():
            for pad in footprint.Pads():
                if pad.GetNetname():
                    found.setdefault(pad.GetNetname(), []).append(pad)
        return found

    def _copper(self) -> Iterable[Shape]:
        for footprint in self.board.GetFootprints():
            for pad in footprint.Pads():
                box = pad.GetBoundingBox()
                sides = [box.GetLeft(), box.GetTop(), box.GetRight(), box.GetBottom()]
                through = pad.GetAttribute() in (pcbnew.PAD_ATTRIB_PTH, pcbnew.PAD_ATTRIB_NPTH)
                layer = -1 if through else int(pad.IsOnLayer(pcbnew.B_Cu))
                net = pad.GetNetCode() if pad.GetNetname() else 0
                yield Shape(net, layer, *(side / 1e6 for side in sides))

    def _forbidden(self) -> Iterable[Shape]:
        """Under the heads of screws and beside notches, on both sides."""
        for x, y in self.geometry["holes"]["at"]:
            yield Shape(0, -1, x - 3.2, y - 3.2, x + 3.2, y + 3.2)
        for x in self._trs():
            yield Shape(0, -1, x - NOTCH_HALF - 0.3, 0, x + NOTCH_HALF + 0.3, NOTCH_DEPTH + 0.3)

    def _net(self, name: str, pads: list[pcbnew.PAD], mazes: list[Maze]) -> tuple[list[Shape], int]:
        """Tracks from pad to pad, as wide as fits, and how many pads stay alone."""
        code = self.nets[name].GetNetCode()
        groups = [self._cells(pad, mazes[-1], code) for pad in pads]
        tree, waiting, new = set(groups[0]), groups[1:], list[Shape]()
        while waiting:
            for maze in mazes:
                path = find(maze, code, tree, set().union(*waiting))
                if path is not None:
                    break
            else:
                return new, len(waiting)
            reached = [group for group in waiting if path[-1] in group]
            waiting = [group for group in waiting if path[-1] not in group]
            tree |= set(path).union(*reached)
            new += self._draw(name, path, maze.rules.track_mm)
        return new, 0

    def _cells(self, pad: pcbnew.PAD, maze: Maze, net: int) -> set[Cell]:
        """Cells well inside a pad."""
        box = pad.GetBoundingBox()
        inset = 0.15
        spans = [
            (box.GetTop() / 1e6 + inset, box.GetBottom() / 1e6 - inset),
            (box.GetLeft() / 1e6 + inset, box.GetRight() / 1e6 - inset),
        ]
        rows, columns = (
            range(int(-(-low // STEP_MM)), int(high // STEP_MM) + 1) for low, high in spans
        )
        through = pad.GetAttribute() == pcbnew.PAD_ATTRIB_PTH
        layers = (0, 1) if through else (int(pad.IsOnLayer(pcbnew.B_Cu)),)
        middle = pad.GetPosition()
        near = {
            (layer, row, column)
            for layer in layers
            for row in rows
            for column in columns
            if abs(row * STEP_MM - middle.y / 1e6) < 0.5
            and abs(column * STEP_MM - middle.x / 1e6) < 0.5
        }
        good = maze.may_pass(net)
        return {cell for cell in near if good[cell]} or near

    def _draw(self, name: str, path: list[Cell], width_mm: float) -> list[Shape]:
        new, code = [], self.nets[name].GetNetCode()
        corners = straight(path)
        for (layer, y1, x1), (other, y2, x2) in itertools.pairwise(corners):
            begin, end = (x1 * STEP_MM, y1 * STEP_MM), (x2 * STEP_MM, y2 * STEP_MM)
            if layer != other:
                via = pcbnew.PCB_VIA(self.board)
                via.SetPosition(at(*begin))
                via.SetWidth(mm(VIA_MM))
                via.SetDrill(mm(DRILL_MM))
                via.SetNet(self.nets[name])
                self.board.Add(via)
                half = VIA_MM / 2
                new.append(
                    Shape(
                        code, -1, begin[0] - half, begin[1] - half, begin[0] + half, begin[1] + half
                    )
                )
                continue
            track = pcbnew.PCB_TRACK(self.board)
            track.SetStart(at(*begin))
            track.SetEnd(at(*end))
            track.SetWidth(mm(width_mm))
            track.SetLayer(pcbnew.B_Cu if layer else pcbnew.F_Cu)
            track.SetNet(self.nets[name])
            self.board.Add(track)
            new += _along(code, layer, begin, end, width_mm / 2)
        return new

    # --- pours and words

    def pours(self) -> None:
        """Ground on both sides, around the isolated loop; 5 V where it comes in."""
        outline = self.geometry["outline"]
        width, height = outline["width"] - 0.5, outline["height"] - 0.5
        corner = ISOLATED[1:]
        around = [(0.5, height), (0.5, corner[-1][1]), *reversed(corner[:-1])]
        around = [(x, max(y, 0.5)) for x, y in around] + [(width, 0.5), (width, height)]
        for layer in (pcbnew.F_Cu, pcbnew.B_Cu):
            self._pour("GND", layer, around, 0)
        self._pour("+5V", pcbnew.F_Cu, FED, 2)
        self._pour("Net-(D40-A1)", pcbnew.F_Cu, ENTRY, 3)

    def _pour(
        self, name: str, layer: int, corners: Iterable[tuple[float, float]], rank: int
    ) -> None:
        zone = pcbnew.ZONE(self.board)
        zone.SetLayer(layer)
        zone.SetNet(self.nets[name])
        zone.SetAssignedPriority(rank)
        zone.SetLocalClearance(mm(0.3))
        zone.SetMinThickness(mm(0.25))
        zone.SetThermalReliefGap(mm(0.3))
        zone.SetThermalReliefSpokeWidth(mm(0.5))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
        outline = pcbnew.SHAPE_LINE_CHAIN()
        for x, y in corners:
            outline.Append(at(x, y))
        outline.SetClosed(True)
        zone.AddPolygon(outline)
        self.board.Add(zone)

    def prune(self) -> None:
        """Take out stubs: ends of tracks that touch neither pad, via nor other track."""
        while True:
            self.board.BuildConnectivity()
            net = self.board.GetConnectivity()
            stubs = [t for t in self.board.GetTracks() if net.TestTrackEndpointDangling(t, False)]
            if not stubs:
                return
            for track in stubs:
                self.board.Remove(track)

    def save(self) -> None:
        """Written, read again with the project's rules, and only then poured: the pours keep
        3 mm from MIDI IN because of the rule in lkjam.kicad_dru."""
        self.board.BuildConnectivity()
        pcbnew.SaveBoard(str(self.target), self.board)
        board = pcbnew.LoadBoard(str(self.target))
        pcbnew.ZONE_FILLER(board).Fill(board.Zones())
        pcbnew.SaveBoard(str(self.target), board)


def _along(
    net: int, layer: int, begin: tuple[float, float], end: tuple[float, float], half: float
) -> list[Shape]:
    """A track as rectangles; a slanting one as many small ones."""
    (x1, y1), (x2, y2) = begin, end
    if x1 == x2 or y1 == y2:
        low, high = (min(x1, x2), min(y1, y2)), (max(x1, x2), max(y1, y2))
        return [Shape(net, layer, low[0] - half, low[1] - half, high[0] + half, high[1] + half)]
    count = max(round(abs(x2 - x1) / STEP_MM), 1)
    return [
        Shape(net, layer, x - half, y - half, x + half, y + half)
        for x, y in (
            (x1 + (x2 - x1) * part / count, y1 + (y2 - y1) * part / count)
            for part in range(count + 1)
        )
    ]
