# SPDX-License-Identifier: MIT
"""The page that asks for a network, as a client of the portal gets it: see portal.py."""

# Bytes, which stay in flash. What a person reads is in T, by language.
PAGE = b"""<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content="width=device-width,initial-scale=1">
<title>Set up</title>
<style>
:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:0 auto;padding:1rem}
label{display:block;margin:.5rem 0}
input:not([type=checkbox]),button{font:inherit;width:100%;box-sizing:border-box;
margin:.2rem 0;padding:.6rem;border:1px solid #888;border-radius:.4rem}
button{background:#00695c;color:#fff}
.n{background:none;color:inherit;text-align:left}
.n[aria-pressed=true]{outline:3px solid #00897b}
#s{min-height:3rem}
</style>
<main>
<h1 id=h></h1>
<p id=s role=status></p>
<form id=f>
<div id=l></div>
<button type=button class=n id=again></button>
<label><span id=t1></span><input name=ssid required maxlength=32 autocomplete=off></label>
<label><span id=t2></span><input name=password type=password autocomplete=off></label>
<details><summary id=t3></summary>
<label><input type=checkbox name=hidden> <span id=t4></span></label>
<label><span id=t5></span><input name=address></label>
<label><span id=t6></span><input name=name maxlength=63></label>
</details>
<label id=old hidden><span id=t7></span>
<input name=device_password type=password autocomplete=current-password></label>
<label id=new hidden><span id=t8></span>
<input name=new_password type=password minlength=8 autocomplete=new-password></label>
<button id=go></button>
</form>
</main>
<script>
const T={en:{h:"Set up",again:"Look for networks again",t1:"Network",t2:"Its password",t3:"More",
t4:"It hides its name",t5:"Fixed address, netmask, gateway and name server",
t6:"Name of this device",t7:"Password of this device",
t8:"A new password for this device, 8 characters or more",go:"Join",
look:"Looking for networks \\u2026",none:"No network is in reach.",join:"Joining",
joined:"The device is in the network",at:"Its page:",open:"open",
lost:"The device does not answer. Is this phone still in its network?"},
de:{h:"Einrichten",again:"Noch einmal nach Netzen suchen",t1:"Netz",t2:"Sein Passwort",t3:"Mehr",
t4:"Es verbirgt seinen Namen",t5:"Feste Adresse, Netzmaske, Gateway und Nameserver",
t6:"Name dieses Ger\\u00e4ts",t7:"Passwort dieses Ger\\u00e4ts",
t8:"Ein neues Passwort f\\u00fcr dieses Ger\\u00e4t, mindestens 8 Zeichen",go:"Verbinden",
look:"Suche nach Netzen \\u2026",none:"Kein Netz ist in Reichweite.",join:"Verbinde mit",
joined:"Das Ger\\u00e4t ist im Netz",at:"Seine Seite:",open:"offen",
lost:"Das Ger\\u00e4t antwortet nicht. Ist dieses Telefon noch in seinem Netz?"}};
let lang=navigator.language.slice(0,2);
if(!(lang in T))lang="en";
const t=T[lang],$=i=>document.getElementById(i),f=$("f").elements,U="/device/setup";
const say=x=>$("s").textContent=x;
document.documentElement.lang=lang;
document.title=t.h;
for(const i in t)if($(i))$(i).textContent=t[i];
async function get(u){
const r=await fetch(U+u);
if(!r.ok)throw Error();
return r.json()}
function entry(w){
const b=document.createElement("button");
b.type="button";
b.className="n";
b.textContent=w.ssid+" \\u00b7 "+w.rssi+" dBm"+(w.secure?"":" \\u00b7 "+t.open);
b.onclick=()=>{
for(const o of $("l").children)o.ariaPressed=o==b;
f.ssid.value=w.ssid;
(w.secure?f.password:$("go")).focus()};
return b}
async function look(){
say(t.look);
try{
const n=await get("/networks");
$("l").replaceChildren(...n.map(entry));
say(n.length?"":t.none)}catch(e){say(t.lost)}}
async function wait(){
for(;;){
await new Promise(r=>setTimeout(r,1000));
let s;
try{s=await get("/state")}catch(e){say(t.lost);continue}
if(s.state=="joining"){say(t.join+" "+s.ssid+" \\u2026");continue}
if(s.state!="joined")return say(s.reason);
say(t.joined+" "+s.ssid+". "+t.at+" ");
for(const h of[s.address,s.name+".local"]){
const a=document.createElement("a");
a.href="http://"+h+"/";
a.textContent=h;
$("s").append(a," ")}
return}}
$("f").onsubmit=async e=>{
e.preventDefault();
const d={};
for(const i of["ssid","password","name","device_password","new_password"])
if(f[i].value)d[i]=f[i].value;
if(f.hidden.checked)d.hidden=true;
if(f.address.value)d.address=f.address.value.trim().split(/[\\s,]+/);
$("go").disabled=true;
try{
const r=await fetch(U,{method:"POST",headers:{"Content-Type":"application/json"},
body:JSON.stringify(d)});
if(r.ok)await wait();else say(await r.text())}catch(x){say(t.lost)}
$("go").disabled=false};
$("again").onclick=look;
get("/state").then(s=>{
f.name.value=s.name;
$(s.has_password?"old":"new").hidden=false;
look()});
</script>
"""
