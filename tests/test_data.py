"""Reviews and loans: fetched once, verified, found in a folder, replaced by stand-ins, but not in silence."""

import hashlib
import http.server
import io
import threading
import zipfile

import numpy as np
import pytest
from published import PUBLISHED, has_published

from helpers import data

# Made up, in the published form: a line break of other kinds (U+0085) inside a sentence, tabs as separators.
FILES = {
    "amazon_cells_labelled.txt": "Good phone.\t1\nBad\tphone.\t0\n",
    "imdb_labelled.txt": "So\x85 bad.  \t0\n",
    "yelp_labelled.txt": "Tasty!\t1",
    "german.data": "A11 6 A34 A41 1169 A65 A75 4 A93 A103 4 A121 67 A141 A151 2 A173 1 A192 A201 1\n"
    "A14 48 A32 A43 5951 A61 A71 2 A92 A101 2 A124 22 A143 A152 1 A171 1 A191 A201 2\n",
}


@pytest.fixture(autouse=True)
def nothing_known(tmp_path, monkeypatch):
    """No copy, no folder, nobody to ask, and files of this module's own in place of the published ones."""
    checksums = {name: (hashlib.sha256(text.encode()).hexdigest(),) for name, text in FILES.items()}
    monkeypatch.setattr(data, "_SHA256", checksums)
    monkeypatch.setattr(data, "_REVIEWS", "http://127.0.0.1:9/none.zip")
    monkeypatch.setattr(data, "_LOANS", "http://127.0.0.1:9/none.zip")
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "home"))
    monkeypatch.delenv("COURSE_DATA", raising=False)
    forget()
    yield
    forget()


def forget():
    """What a new process knows."""
    data._review_lines.cache_clear()
    data._loans.cache_clear()


def archive(files):
    """A zip archive as published: in a folder, with macOS's shadows of the files beside it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, text in files.items():
            opened.writestr(f"sentiment labelled sentences/{name}", text)
            opened.writestr(f"__MACOSX/sentiment labelled sentences/._{name}", b"\0shadow")
    return buffer.getvalue()


@pytest.fixture
def served(monkeypatch):
    """Serve bytes as both archives; returns a function that sets them, and the list of requests."""
    content, asked = [b""], []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content[0])))
            self.end_headers()
            self.wfile.write(content[0])

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name in ("_REVIEWS", "_LOANS"):
        monkeypatch.setattr(data, name, f"http://127.0.0.1:{server.server_port}/{name}/data.zip")
    yield lambda new: content.__setitem__(0, new), asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_download_is_read_at_line_feeds_and_last_tabs_only(served, capsys):
    serve, _ = served
    serve(archive(FILES))
    texts, labels = data.load_reviews()
    assert texts == ["Good phone.", "Bad\tphone.", "So\x85 bad.  ", "Tasty!"]
    assert labels.tolist() == [1, 0, 0, 1]
    assert not capsys.readouterr().out


def test_loans_are_read_code_by_code(served, capsys):
    serve, _ = served
    serve(archive(FILES))
    X, y, names = data.load_loans()
    rows = [dict(zip(names, row, strict=True)) for row in X.tolist()]
    expected = {
        "duration in months": (6, 48),
        "amount in DM": (1169, 5951),
        "age in years": (67, 22),
        "instalment in % of income (level 1 to 4)": (4, 2),
        "time at this address (level 1 to 4)": (4, 2),
        "time in this job (level 0 to 4)": (4, 0),
        "skill in the job (level 0 to 3)": (2, 0),
        "savings (level 1 to 4)": (np.nan, 1),
        "property (level 1 to 3)": (3, np.nan),
        "loans at this bank": (2, 1),
        "dependants": (1, 1),
        "account overdrawn (A11, 0 or 1)": (1, 0),
        "no account (A14, 0 or 1)": (0, 1),
        "critical history (A34, 0 or 1)": (1, 0),
        "buys by instalment elsewhere (0 or 1)": (1, 0),
        "has a guarantor (0 or 1)": (1, 0),
        "rents the home (0 or 1)": (1, 0),
        "for a used car (0 or 1)": (1, 0),
    }
    assert set(names) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal([row[name] for row in rows], values, err_msg=name)
    assert y.tolist() == [0, 1]
    assert not capsys.readouterr().out


def test_a_download_is_kept(served):
    serve, asked = served
    serve(archive(FILES))
    first = data.load_reviews()[0]
    forget()
    assert data.load_reviews()[0] == first
    assert len(asked) == 1


def test_what_a_caller_changes_is_not_what_the_next_one_gets(served):
    serve, _ = served
    serve(archive(FILES))
    texts, labels = data.load_reviews()
    X, y, names = data.load_loans()
    texts.clear()
    names.clear()
    labels[:] = y[:] = 7
    X[:] = 7
    assert len(data.load_reviews()[0]) == 4
    assert data.load_reviews()[1].max() == 1
    assert np.nanmax(data.load_loans()[0]) == 5951
    assert data.load_loans()[1].tolist() == [0, 1]
    assert data.load_loans()[2]


@pytest.mark.parametrize(
    "damaged",
    [
        b"<html>not found</html>",
        archive(FILES)[:-200],
        archive({**FILES, "imdb_labelled.txt": "So\x85 good.  \t1\n"}),
        archive({"amazon_cells_labelled.txt": FILES["amazon_cells_labelled.txt"]}),
        b"",
    ],
    ids=["a page", "truncated", "altered", "a member missing", "nothing"],
)
def test_a_damaged_download_is_refused_and_not_kept(served, capsys, damaged):
    serve, _ = served
    serve(damaged)
    texts, _ = data.load_reviews()
    notice = capsys.readouterr().out
    assert len(texts) == 750
    assert notice.count("\n") == 1
    assert "SHA-256" in notice
    assert "750 reviews written for this course" in notice
    forget()
    serve(archive(FILES))
    assert len(data.load_reviews()[0]) == 4


def test_a_kept_copy_that_was_damaged_is_fetched_anew(served, tmp_path):
    serve, asked = served
    serve(archive(FILES))
    data.load_reviews()
    (kept,) = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    kept.write_bytes(b"half")
    forget()
    assert len(data.load_reviews()[0]) == 4
    assert len(asked) == 2


@pytest.mark.parametrize("below", ["", "sentiment_sentences"])
def test_a_folder_is_looked_at_first(served, tmp_path, monkeypatch, below):
    _, asked = served
    (tmp_path / "mine" / below).mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "mine" / below / name).write_bytes(text.encode())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mine"))
    assert len(data.load_reviews()[0]) == 4
    assert asked == []


def test_an_altered_file_in_the_folder_is_said_and_not_used(tmp_path, monkeypatch, capsys):
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text.replace("Good", "Goood").encode())
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert len(data.load_reviews()[0]) == 750
    notice = capsys.readouterr().out
    assert notice.count("\n") == 1
    assert str(tmp_path) in notice
    assert "not what was published" in notice
    # the altered file stays: it is not ours
    assert "Goood" in (tmp_path / "amazon_cells_labelled.txt").read_text(encoding="utf-8")


def test_without_a_network_stand_ins_take_over_and_say_so_in_one_line(capsys):
    texts, labels = data.load_reviews()
    X, y, names = data.load_loans()
    reviews, loans = capsys.readouterr().out.splitlines()
    assert "cannot be reached: using 750 reviews written for this course" in reviews
    assert "cannot be reached: using 1,000 made-up loans" in loans
    assert (len(texts), labels.sum(), len(set(texts))) == (750, 375, 750)
    assert (X.shape, y.shape, len(names)) == ((1000, 18), (1000,), 18)
    data.load_reviews()
    assert not capsys.readouterr().out


def test_made_up_loans_are_like_the_real_ones_and_the_same_every_time():
    X, y, names = data.load_loans()
    forget()
    np.testing.assert_array_equal(data.load_loans()[0], X)
    missing = {name: int(n) for name, n in zip(names, np.isnan(X).sum(axis=0), strict=True) if n}
    assert missing.keys() == {"savings (level 1 to 4)", "property (level 1 to 3)"}
    assert all(100 <= n <= 250 for n in missing.values())
    assert 250 <= y.sum() <= 350
    critical = X[:, names.index("critical history (A34, 0 or 1)")] == 1
    assert y[critical].mean() < y[~critical].mean() - 0.1


@has_published("sentiment_sentences")
@has_published("german_credit")
def test_the_published_files_are_recognised(monkeypatch, capsys):
    monkeypatch.undo()
    monkeypatch.setenv("COURSE_DATA", str(PUBLISHED))
    forget()
    texts, labels = data.load_reviews()
    X, y, names = data.load_loans()
    assert not capsys.readouterr().out
    assert (len(texts), labels.sum()) == (3000, 1500)
    assert sum("\x85" in text for text in texts) > 0
    assert [labels[i : i + 1000].sum() for i in (0, 1000, 2000)] == [500, 500, 500]
    assert (X.shape, y.sum()) == ((1000, 18), 300)
    missing = dict(zip(names, np.isnan(X).sum(axis=0), strict=True))
    assert (missing["savings (level 1 to 4)"], missing["property (level 1 to 3)"]) == (183, 154)
    assert sum(missing.values()) == 183 + 154
    forget()
