import hashlib

from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue import storable

# What os.fsdecode can give: any text without NUL, and bytes that are no UTF-8 as surrogates.
STEP = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"], exclude_characters="\x00/"),
        st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"]),
        st.sampled_from("%25089ABF"),
    ),
    min_size=1,
    max_size=40,
)
PATH = st.lists(STEP, min_size=1, max_size=5).map(lambda steps: "/" + "/".join(steps))


@given(PATH)
def test_a_path_comes_back_and_can_be_stored(path: str) -> None:
    stored = storable.uri(path)

    assert storable.place(stored) == path
    assert "\x00" not in stored
    stored.encode()


@given(PATH, PATH)
def test_the_stored_form_of_a_folder_begins_that_of_what_lies_in_it(folder: str, rest: str) -> None:
    assert storable.uri(folder + rest) == storable.uri(folder) + storable.uri(rest)


def test_only_what_must_be_is_escaped() -> None:
    assert storable.uri("/books/100% My%20Book ü.epub") == "/books/100% My%20Book ü.epub"
    assert storable.uri("/books/caf\udce9.pdf") == "/books/caf%E9.pdf"
    assert storable.uri("/books/caf%E9.pdf") == "/books/caf%25E9.pdf"
    assert storable.uri("s3://bucket/a\x00b") == "s3://bucket/a%00b"


def test_shown_is_the_place_itself_unless_it_is_no_text() -> None:
    assert storable.shown(storable.uri("/books/caf%E9.pdf")) == "/books/caf%E9.pdf"
    assert storable.shown(storable.uri("/books/caf\udce9.pdf")) == "/books/caf%E9.pdf"
    assert storable.name(storable.uri("/books/sub/caf\udce9.pdf")) == "caf%E9.pdf"
    assert storable.name("s3://bucket/") == "bucket"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_becomes_storable(text: str) -> None:
    clean = storable.text(text)

    clean.encode()
    assert "\x00" not in clean
    assert len(clean) == len(text)


def test_a_place_too_long_for_an_index_is_cut_and_stays_itself() -> None:
    one, other = "/deep" * 600 + "/a", "/deep" * 600 + "/b"

    assert len(storable.uri(one).encode()) <= storable.MAX_URI_BYTES
    assert storable.uri(one) == storable.uri(one) != storable.uri(other)
    assert storable.uri(one).endswith(hashlib.sha256(one.encode()).hexdigest())
    assert len(storable.uri("/ü" * 1500).encode()) <= storable.MAX_URI_BYTES
