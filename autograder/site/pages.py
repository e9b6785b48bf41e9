"""Pages of the site, as MyST-NB reads them: an executed lesson, and the start page."""

import base64
import hashlib
import html
import io
import re

import nbformat
import PIL.Image

from helpers.cards import Card
from helpers.outcomes import Outcome

NOT_STARTED = (
    "So far the function only raises `NotImplementedError`. In your own copy of the lesson you replace that "
    "line, and this check tells you what it finds. The hints unfold one at a time, here as there."
)
_EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')


class Page:
    """A lesson on its way from an executed notebook to a page.

    Parameters
    ----------
    name : str
        The lesson.
    lessons : dict of str to LessonRow
        What the start page says of each lesson.
    exercises : dict of str to Exercise
    starters : dict of str to str
        What stands in the learner's copy, by cell id.
    with_solutions : bool
        Whether the reference and the model answers are shown, folded.
    """

    def __init__(self, name, lessons, exercises, starters, with_solutions):
        self.row, self.n_lessons = lessons[name], len(lessons)
        self.exercises = exercises
        self.starters = starters
        self.with_solutions = with_solutions
        self.figures = {}  # bytes of each image by its file name
        self.cells = []

    def notebook(self, executed):
        """Make the notebook that the site is built from; `figures` holds its images afterwards."""
        first, *rest = executed.cells
        self.add_markdown(self.opened(first.source))
        answer = None
        for cell in rest:
            grading = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and grading:
                self.add_model_answer(cell.source)
            elif cell.cell_type == "markdown":
                self.add_markdown(cell.source)
            elif grading.get("solution"):
                answer = cell
            elif grading:
                self.add_exercise(answer, cell)
            elif cell.source.strip() != "progress()":  # nobody has any progress on a page
                self.add_code(cell.source, cell.outputs)
        metadata = executed.metadata | {"description": f"Lesson {self.row.number}: {self.row.summary}."}
        return nbformat.v4.new_notebook(cells=self.cells, metadata=metadata)

    def opened(self, source):
        """First cell of a lesson with a line on it under the title, and no word on its making."""
        source = re.sub(r"^<!--.*?-->\s*", "", source)
        title, _, rest = source.partition("\n")
        facts = f"Lesson {int(self.row.number)} of {self.n_lessons}, {self.row.facts}"
        start = 'To work through it, <a href="index.html#start">start your own copy</a>.'
        return f'{title}\n\n<p class="lesson-facts">{facts}. {start}</p>\n\n{rest}'

    def add_markdown(self, source):
        """Add prose."""
        self.cells.append(nbformat.v4.new_markdown_cell(source))

    def add_code(self, source, outputs=()):
        """Add a code cell, its figures taken out of its outputs."""
        for output in outputs:
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = _EMBEDDED.sub(self.linked, data["text/html"])
        self.cells.append(nbformat.v4.new_code_cell(source, outputs=list(outputs)))

    def linked(self, embedded):
        """Attributes of an image that links a file instead of holding it."""
        image = PIL.Image.open(io.BytesIO(base64.b64decode(embedded[1])))
        webp = io.BytesIO()
        image.save(webp, "webp", lossless=True, method=6)  # pixel by pixel the same, in a third of the bytes
        name = f"{hashlib.sha256(webp.getvalue()).hexdigest()[:16]}.webp"
        self.figures[name] = webp.getvalue()
        width, height = image.size
        return f'src="_static/figures/{name}" width="{width}" height="{height}" loading="lazy"'

    def add_exercise(self, answer, test):
        """Add what the learner gets, what the check says to that, and one way to write it."""
        exercise = self.exercises[answer.metadata.nbgrader.grade_id]
        points = f"{exercise.points} point{'s' * (exercise.points != 1)}"
        self.add_markdown(
            f'<p class="exercise-label" id="exercise-{exercise.name}">Exercise <code>{exercise.name}</code>, '
            f"{points}</p>"
        )
        self.add_code(self.starters[answer.id])
        unstarted = Card(exercise, Outcome(exercise.name, "not attempted", NOT_STARTED), next_step="")
        self.add_code(test.source, [shown(unstarted._repr_html_())])
        if self.with_solutions:
            cards = [output.data["text/html"] for output in test.outputs if "data" in output]
            parts = [f"```python\n{reference(answer.source)}\n```", "The check says to this:", *cards]
            self.add_markdown(folded("One way to write it", *parts))

    def add_model_answer(self, source):
        """Add a model answer, folded."""
        if self.with_solutions:
            answer = re.sub(r"<!-- (BEGIN|END) SOLUTION -->", "", source).strip()
            self.add_markdown(folded("A model answer", answer))


def shown(page_html):
    """Output of a cell that shows HTML."""
    return nbformat.v4.new_output("display_data", data={"text/html": page_html})


def folded(summary, *parts):
    """Markdown under a summary that unfolds it."""
    return "\n\n".join(
        [f'<details class="solution"><summary>{summary}</summary>', *parts, "</details>"],
    )


def reference(source):
    """Function of an answer cell, without nbgrader's marks and without the contract, which stands above."""
    code = re.sub(r"\n *### (BEGIN|END) SOLUTION", "", source)
    return re.sub(r'\n *r?""".*?"""', "", code, count=1, flags=re.DOTALL)


class LessonRow:
    """What the start page says of a lesson.

    Parameters
    ----------
    name : str
    text : str
        The lesson's Markdown.
    readme : str
        The project's, whose table says what each lesson builds.
    n_exercises : int
    """

    def __init__(self, name, text, readme, n_exercises):
        self.name = name
        self.number = name[:2]
        row = re.search(rf"^\| {self.number} (.+?) \| (.+?) \| \d+ \|$", readme, re.MULTILINE)
        self.label, self.summary = row.groups()
        self.title = re.search(r"^# (.+)$", text, re.MULTILINE)[1]
        time = re.search(r"\*\*Time:\*\* (.+?)[,.]", text)[1]
        self.facts = f"{time}, {n_exercises} exercises"

    def item(self):
        """Return the lesson's item in the list of the start page."""
        summary = html.escape(self.summary[0].upper() + self.summary[1:], quote=False)
        return (
            f'<li><p class="lesson-name"><span aria-hidden="true">{self.number}</span> '
            f'<a href="{self.name}.html">{html.escape(self.label)}</a></p>'
            f'<p>{summary}.</p><p class="lesson-facts">{self.facts[0].upper()}{self.facts[1:]}</p></li>'
        )


def start_page(template, title, lessons, repository):
    """Markdown of the start page.

    Parameters
    ----------
    template : str
    title : str
        The course's.
    lessons : dict of str to LessonRow
    repository : str
        Address of the course's repository; "" if it has none.
    """
    first = next(iter(lessons))
    get = "Get the course as a folder, and open a terminal in it."
    if repository:
        get = f"Get the course with `git clone {repository}`, and open a terminal in its folder."
    return template.format(
        title=title,
        first=first,
        get=get,
        lessons="".join(row.item() for row in lessons.values()),
        toctree="\n".join(f"{row.number} {row.label} <{name}>" for name, row in lessons.items()),
    )
