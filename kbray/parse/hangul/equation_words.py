"""Words of Hangul's language of formulas, and the characters that they stand for."""


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega"
)
_SMALL, _CAPITAL = "αβγδεζηθικλμνξοπρστυφχψω", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
SYMBOLS = {
    **dict(zip(_GREEK.split(), _SMALL, strict=True)),
    **dict(zip(_GREEK.title().split(), _CAPITAL, strict=True)),
    **dict(zip(_GREEK.upper().split(), _CAPITAL, strict=True)),
    **_pairs(r"""
    vartheta ϑ varpi ϖ varsigma ς varupsilon ϒ varphi ϕ varepsilon ε aleph ℵ hbar ℏ imath ı jmath ȷ ell ℓ liter ℓ wp ℘ imag ℑ
    angstrom Å real ℜ ohm Ω mho ℧ deg ° inf ∞ infinity ∞ emptyset ∅ partial ∂ round ∂ nabla ∇ del ∂ grad ∇ laplace ℒ hund ‰
    thou ‱ prime ′ well ♯ diamond ◇ plusminus ± minusplus ∓ times × div ÷ divide ÷ cdot ⋅ circ ∘ bullet • ast ∗ star ⋆ bigcirc
    ○ oplus ⊕ ominus ⊖ otimes ⊗ odiv ⊘ odot ⊙ xor ⊻ amalg ⨿ dagger † ddagger ‡ wedge ∧ vee ∨ land ∧ lor ∨ lnot ¬ neg ¬ cap ∩
    cup ∪ sqcap ⊓ sqcup ⊔ uplus ⊎ leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ asymp ≍ iso ⋍ doteq ≐
    propto ∝ prec ≺ succ ≻ ll ≪ gg ≫ lll ⋘ ggg ⋙ in ∈ notin ∉ owns ∋ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ sqsubset ⊏
    sqsupset ⊐ sqsubseteq ⊑ sqsupseteq ⊒ bot ⊥ top ⊤ models ⊨ vdash ⊢ dashv ⊣ identical ∷ forall ∀ exist ∃ exists ∃ therefore
    ∴ because ∵ angle ∠ triangle △ triangled ▽ triangleleft ◁ triangleright ▷ sangle ∢ msangle ∡ rtangle ⊾ lslant ⩽ gslant ⩾
    cdots ⋯ ldots … dots … vdots ⋮ ddots ⋱ centigrade ℃ fahrenheit ℉ larrow ← rarrow → uparrow ↑ downarrow ↓ udarrow ↕ lrarrow
    ↔ nwarrow ↖ nearrow ↗ swarrow ↙ searrow ↘ hookleft ↩ hookright ↪ mapsto ↦ vert | line | LARROW ⇐ RARROW ⇒ UPARROW ⇑
    DOWNARROW ⇓ UDARROW ⇕ LRARROW ⇔ VERT ‖ smallunion ∪ smallinter ∩ smallsum ∑ smallprod ∏ oslash ⊘ dsum ∔ hleft ⊣
    bigtriangleup △ bigtriangledown ▽ base △ image ⊷ original ⊶ reimage ⊷ lbrace { rbrace } lceil ⌈ rceil ⌉ lfloor ⌊ rfloor ⌋
    bowtie ⋈ backslash \ -> → <- ← <-> ↔ => ⇒ <=> ⇔ <= ≤ >= ≥ != ≠ == ≡ << ≪ >> ≫ <<< ⋘ >>> ⋙ +- ± -+ ∓ - −
    """),
}
"""Asked for as it is written, then in lower case: only of arrows and bars do capitals mean something else."""
LARGE = _pairs("""
    sum ∑ prod ∏ coprod ∐ int ∫ smallint ∫ dint ∬ tint ∭ oint ∮ odint ∯ otint ∰ union ⋃ inter ⋂ bigcup ⋃ bigcap ⋂ bigsqcup ⨆
    biguplus ⨄ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁ bigwedge ⋀ bigominus ⊖ bigodiv ⊘
""")
"""Signs with limits below and above them."""
LIMITS = frozenset(("lim", "Lim", "max", "min"))
NAMES = LIMITS | frozenset(
    """
    Exp Pr and arc arccos arcsin arctan arg cos cosec cosh cot coth csc det dim exp for gcd hom if ker lcm lg ln log mod sec
    sin sinh tan tanh
    """.split()
)
"""Functions and words that stand upright."""
ACCENTS = _pairs("hat ^ widehat ^ check ˇ tilde ~ widetilde ~ acute ´ grave ` dot ˙ ddot ¨ bar ‾ vec → dyad ↔ arch ⌒ under _")
TABLES = {
    **{"matrix": "", "pmatrix": "()", "bmatrix": "[]", "dmatrix": "||", "cases": "{", "pile": "", "lpile": "", "rpile": ""},
    **{"eqalign": "", "eqalignno": "", "ladder": "", "sladder": ""},
}
"""… and the brackets around them."""
