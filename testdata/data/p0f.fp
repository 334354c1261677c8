; p0f.fp - a few signatures of our own for tests, in the language of p0f version 3. `otoscope --data testdata/data` reads them in place of
; the system's. They name what the maker's hosts send (tools/traffic/plant.lua, testdata/recipes/handshakes.lua) and nothing else.

classes = win,unix,other

[mtu]

label = Ethernet
sig   = 1500

[tcp:request]

label = s:unix:Linux:3.11 and newer
sys   = Linux
sig   = *:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0
sig   = *:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0

label = g:unix:Linux:2.2.x-3.x
sig   = *:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+:0

label = s:win:Windows:XP
sig   = *:128:0:*:16384,0:mss,nop,nop,sok:df,id+:0
sig   = *:128:0:*:65535,0:mss,nop,nop,sok:df,id+:0

label = s:win:Windows:7 or 8
sig   = *:128:0:*:8192,8:mss,nop,ws,nop,nop,sok:df,id+:0
sig   = *:128:0:*:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0

label = g:win:Windows:NT kernel
sig   = *:128:0:*:*,*:mss,nop,ws,nop,nop,sok:df,id+:0

label = s:other:Controller:with a small stack
sig   = *:64:0:1460:8192,0:mss::0

label = s:!:Scanner:SYN scan
sig   = *:64-:0:1460:1024,0:mss:df,id+:0

[tcp:response]

label = s:unix:Linux:3.x
sig   = *:64:0:*:mss*44,*:mss,sok,ts,nop,ws:df,id+:0
sig   = *:64:0:*:mss*44,*:mss,nop,nop,sok:df,id+:0

label = g:win:Windows:NT kernel
sig   = *:128:0:*:*,0:mss,nop,nop,sok:df,id+:0

label = s:other:Controller:with a small stack
sig   = *:64:0:1460:8192,0:mss::0
