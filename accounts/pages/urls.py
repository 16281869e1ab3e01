from django.urls import path

from . import privacy, views

urlpatterns = [
    path("", views.overview, name="settings"),
    path("profile/", views.profile, name="settings_profile"),
    path("security/", views.security, name="settings_security"),
    path("security/sign-out/", views.sign_out_others, name="settings_sign_out"),
    path("consent/", views.consent, name="settings_consent"),
    path("devices/", views.devices, name="settings_devices"),
    path("devices/<uuid:pk>/forget/", views.forget_device, name="settings_forget_device"),
    path("privacy/", privacy.overview, name="settings_privacy"),
    path("privacy/export/", privacy.ask_export, name="settings_export"),
    path("privacy/exports/", privacy.exports_list, name="settings_exports"),
    path("privacy/exports/<uuid:pk>/", privacy.download, name="settings_download"),
    path("privacy/erase/", privacy.erase, name="settings_erase"),
]
