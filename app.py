"""The WSGI application, for granian, gunicorn or uwsgi: `app:server`."""

from dashboard.web.app import create_app

server = create_app()
