"""Addresses below /api/v1/food/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from .food import FoodViewSet, NumbersView

router = SimpleRouter(use_regex_path=False)
router.register("", FoodViewSet, basename="food")

urlpatterns = [
    path("numbers/", NumbersView.as_view(), name="food-numbers"),
    *router.urls,
]
