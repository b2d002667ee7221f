"""Pages of this stage, in lifecycle order."""

from applications.urls_cycles import urlpatterns as cycle_pages
from applications.urls_intake import urlpatterns as intake_pages

app_name = "applications"

urlpatterns = [*cycle_pages, *intake_pages]
