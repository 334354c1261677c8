-- A user signs in at a Windows machine from where he never did.
require "rule" {
  name = "smb_login", severity = "low", category = "authentication", attack = "T0859 T0886",
  usual = "untold", once = "1h",
  on = "ntlm.session", where = "username and not (success == false)",
  per = { "orig_h", "resp_h", "username" }, settings = { quiet = "1d" },
  en = { "New sign-in", "{username} signs in at {target} from {source}.",
    "An account is used from another place: a colleague at another desk, or stolen credentials.",
    "Ask the owner of the account. If it is regular, learn the alert." },
  ja = { "未学習のサインイン", "{username} が {source} から {target} にサインインしました。",
    "アカウントが別の端末から使用されています。資格情報の窃取の可能性があります。",
    "アカウントの所有者に確認し、正規であれば学習してください。" },
}
