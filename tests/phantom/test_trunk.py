from medpix2.phantom import trunk


def test_a_vertebra_holds_cord_and_fluid_in_bone(tissues_of):
    shown = tissues_of(lambda c, b, level: trunk.vertebra(c, 0, 0, 0.4))
    assert {"cortex", "marrow", "csf", "cord"} <= shown


def test_a_trunk_is_muscle_under_fat_under_skin(tissues_of):
    outlines = []
    shown = tissues_of(lambda c, b, level: outlines.append(trunk.ring(c, b, 1.0, 0.7)))
    assert {"skin", "fat", "muscle"} <= shown
    for outline in outlines:
        assert abs(outline[:, 0]).max() < 1.0
        assert abs(outline[:, 1]).max() < 0.7


def test_ribs_are_bone_and_kidneys_have_a_hilum(tissues_of):
    assert {"cortex", "marrow"} <= tissues_of(lambda c, b, level: trunk.ribs(c, 0.9, 0.6, 16))
    kidney = tissues_of(lambda c, b, level: trunk.kidney(c, 0.4, 0, 0.3, 1))
    assert {"kidney", "fat", "fluid"} <= kidney


def test_bowel_has_a_wall_around_what_is_in_it(tissues_of):
    spots = [(x, y) for x in (-0.6, 0, 0.6) for y in (-0.6, 0, 0.6)]
    shown = tissues_of(lambda c, b, level: trunk.bowel(c, spots, 0.2))
    assert {"wall", "content", "gas"} <= shown
