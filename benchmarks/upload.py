"""Choosing a file on the page, as the browser does it: ask where to, put it there, and tell the uploader."""

from __future__ import annotations

import asyncio
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState

from benchmarks.visit import Visit

__all__ = ["upload"]

_requests = count(1)


async def upload(visit: Visit, label: str, name: str, contents: bytes) -> None:
    """Give the uploader called `label` a file. The page reruns with it."""
    message = BackMsg()
    message.file_urls_request.request_id = f"request-{next(_requests)}"
    message.file_urls_request.file_names.append(name)
    message.file_urls_request.session_id = visit.visitor.session
    visit.upload_urls = visit.loop.create_future()
    visit.send(message.SerializeToString())
    urls = (await asyncio.wait_for(visit.upload_urls, 60)).file_urls[0]
    await asyncio.to_thread(_put, visit.visitor.context.url, urls.upload_url, name, contents)
    state = FileUploaderState()
    state.uploaded_file_info.add(file_id=urls.file_id, name=name, size=len(contents), file_urls=urls)
    visit.send(visit.visitor.change(label, file_uploader_state_value=state))


def _put(page: str, path: str, name: str, contents: bytes) -> None:
    line = HTTPConnection(urlsplit(page).netloc, timeout=60)
    line.request("GET", "/_stcore/health")
    answer = line.getresponse()
    answer.read()
    headers = {"Content-Type": "multipart/form-data; boundary=----file"}
    # Against forged requests, what the cookie says has to be said again.
    token = SimpleCookie(answer.getheader("Set-Cookie", "")).get("_streamlit_xsrf")
    if token:
        headers |= {"Cookie": f"_streamlit_xsrf={token.value}", "X-Xsrftoken": token.value}
    head = f'------file\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = f"{head}Content-Type: text/csv\r\n\r\n".encode() + contents + b"\r\n------file--\r\n"
    line.request("PUT", path, body, headers)
    answer = line.getresponse()
    said = answer.read()
    line.close()
    if answer.status >= 300:
        raise ConnectionError(f"The upload was answered with {answer.status}: {said.decode()[:200]}")
