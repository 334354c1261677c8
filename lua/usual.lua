-- usual.lua - what rules heard while the lists learned, and do not tell of later: (rule, key), the values of a key joined by blanks.

return state.set { name = "rule.usual", key = { "string", "string" }, max = 20000 }
