-- A client has a web service do what it never asked of it.
require "rule" {
  name = "soap_action", severity = "low", category = "abnormal communication",
  attack = "T0869 T0886", usual = "untold", once = "1h",
  on = "http.request", where = "soap_action", per = { "orig_h", "resp_h", "soap_action" },
  settings = { quiet = "1d" },
  en = { "Web service used as never before", "{source} has {target} do {soap_action}.",
    "Cameras, drives and production systems are set up by web services.",
    "Ask what was installed on {source}. If it is meant to do so, learn the alert." },
  ja = { "未学習の Web サービス操作", "{source} が {target} に {soap_action} を要求しました。",
    "カメラ、ドライブ、生産システムは Web サービスで設定されます。",
    "{source} に何が導入されたか確認し、正規であれば学習してください。" },
}
