"""What Streamlit runs for the course: the overview, or the chapter that the link names."""

from dashboard.course.page import choose_chapter, show_chapter, show_overview

chapter, problem = choose_chapter()
if chapter:
    show_chapter(chapter)
else:
    show_overview(problem)
