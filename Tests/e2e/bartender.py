# SPDX-License-Identifier: MIT
"""Relay Bartender's own configuration file, unchanged."""

import api
from edge import free_port

FILE = """\
# 服务器配置
server:
  port: {port}
  host: "0.0.0.0"

# 后端 API 配置
backend:
  base_url: "http://{authority}{path}"
  api_key: "{key}"  # 可选，留空则透传客户端的 Key

# 模型配置
model:
  override: "{override}"
  mapping:{mapping}

# 请求配置
request:
  timeout: {timeout}
  connect_timeout: 30
"""
MAPPING = '\n    gpt-4: "gpt-4-turbo"\n    gpt-3.5-turbo: "gpt-4o"'


def file(upstream, **values) -> str:
    given = {"port": free_port(), "authority": upstream.authority, "path": "", "override": "",
             "key": api.OPERATOR_KEY, "mapping": MAPPING, "timeout": 120, **values}
    return FILE.format(**given)
