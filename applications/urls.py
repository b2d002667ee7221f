"""Pages of this stage, in lifecycle order."""

from applications.urls_cycles import urlpatterns as cycle_pages
from applications.urls_intake import urlpatterns as intake_pages
from applications.urls_screening import urlpatterns as screening_pages
from applications.urls_units import urlpatterns as unit_pages

app_name = "applications"

urlpatterns = [*cycle_pages, *intake_pages, *screening_pages, *unit_pages]
