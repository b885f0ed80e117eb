"""The whole figure: its parts joined into two meshes, one that has shapes and one that has none, and its joints."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.avatar.body import neck_and_legs
from scripts.avatar.details import details, eye_centre
from scripts.avatar.face import skin_of_face
from scripts.avatar.hair import hair, hair_ties, hairpins
from scripts.avatar.hands import hands
from scripts.avatar.headset import headset
from scripts.avatar.mesh import Mesh, merged
from scripts.avatar.outfit import clothes, strings
from scripts.avatar.proportions import chain_on_body, mesh_on_body, on_body
from scripts.avatar.skeleton import Chain, Joint, humanoid


@dataclass(frozen=True, slots=True)
class Character:
    """All that the file is written from."""

    face: Mapping[str, Mesh]
    "By material: what has shapes."
    body: Mapping[str, Mesh]
    "By material: what has none."
    joints: tuple[Joint, ...]
    "Parents first; the humanoid bones are the first 55."
    chains: tuple[Chain, ...]
    "What swings."


def character() -> Character:
    """Return the figure."""
    hair_mesh, hair_chains = hair()
    string_mesh, string_chains = strings()
    chains = (*(chain_on_body(chain) for chain in hair_chains), *string_chains)
    return Character(
        face={"skin": mesh_on_body(skin_of_face()), "details": mesh_on_body(details())},
        body={
            "hair": mesh_on_body(hair_mesh),
            "outfit": merged([mesh_on_body(merged([headset(), hair_ties(), hairpins()])), string_mesh, clothes()]),
            "skin": merged([hands(), neck_and_legs()]),
        },
        joints=(*humanoid(on_body(eye_centre())), *(joint for chain in chains for joint in chain.joints)),
        chains=chains,
    )
