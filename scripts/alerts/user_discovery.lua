-- A client asks a Windows machine who works on it, or for its list of accounts.
require "rule" {
  name = "user_discovery", severity = "medium", category = "discovery", attack = "T0846 T0888",
  on = "dcerpc.request", per = { "orig_h", "resp_h", "endpoint" }, settings = { quiet = "1d" },
  where = "operation in {OpenUsers, NetrSessionEnum, NetrWkstaUserEnum, "
    .. "SamrEnumerateUsersInDomain}",
  usual = true,
  en = { "Users are looked up", "{source} asks {target} for its users: {endpoint} {operation}.",
    "Intruders look where administrators are signed in. Inventory programs do so, too.",
    "Ask who does it from {source}. If it is a program of yours, learn the alert." },
  ja = { "ユーザの探索", "{source} が {target} のユーザ情報を要求しました: {endpoint} {operation}。",
    "侵入者は管理者のサインイン先を探します。資産管理ソフトも同様の操作を行います。",
    "{source} の実施者を確認し、正規のソフトウェアであれば学習してください。" },
}
