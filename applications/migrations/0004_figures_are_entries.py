from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("applications", "0003_move_what_was_typed"),
    ]

    operations = [
        migrations.DeleteModel(name="HistoricalYearlyFigure"),
        migrations.DeleteModel(name="YearlyFigure"),
    ]
