/*
 * Part of @neondatabase/serverless, cut by `npm run vendor`; do not edit.
 * Copyright (c) Neon Inc., MIT License. With ieee754 (BSD-3-Clause, Feross Aboukhadijeh), buffer (MIT, Feross
 * Aboukhadijeh), pg and pg-types (MIT, Brian Carlson), as in the package.
 */
var gt=Object.create,pe=Object.defineProperty,mt=Object.getOwnPropertyDescriptor,bt=Object.getOwnPropertyNames,
wt=Object.getPrototypeOf,vt=Object.prototype.hasOwnProperty,Et=(y,i,u)=>i in y?pe(y,i,{enumerable:!0,configurable:!0,
writable:!0,value:u}):y[i]=u,l=(y,i)=>pe(y,"name",{value:i,configurable:!0}),we=(y,i,u)=>()=>{if(u)throw u[0];
try{return y&&(i=y(y=0)),i}catch(s){throw u=[s],s}},H=(y,i)=>()=>{try{return i||y((i={exports:{}}).exports,i),
i.exports}catch(u){throw i=0,u}},ne=(y,i)=>{for(var u in i)pe(y,u,{get:i[u],enumerable:!0})},Xe=(y,i,u,s)=>{if(i&&
typeof i=="object"||typeof i=="function")for(let a of bt(i))!vt.call(y,a)&&a!==u&&pe(y,a,{get:()=>i[a],enumerable:!(s=
mt(i,a))||s.enumerable});return y},Ue=(y,i,u)=>(u=y!=null?gt(wt(y)):{},Xe(i||!y||!y.__esModule?pe(u,"default",
{value:y,enumerable:!0}):u,y)),St=y=>Xe(pe({},"__esModule",{value:!0}),y),U=(y,i,u)=>Et(y,typeof i!="symbol"?i+
"":i,u),_t=H(y=>{"use strict";Q(),y.byteLength=b,y.toByteArray=E,y.fromByteArray=P;var i=[],u=[],s=typeof Uint8Array<
"u"?Uint8Array:Array,a="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";for(n=0,o=a.length;n<
o;++n)i[n]=a[n],u[a.charCodeAt(n)]=n;var n,o;u[45]=62,u[95]=63;function c(f){var d=f.length;if(d%4>0)throw new Error(
"Invalid string. Length must be a multiple of 4");var A=f.indexOf("=");A===-1&&(A=d);var B=A===d?0:4-A%4;return[
A,B]}function b(f){var d=c(f),A=d[0],B=d[1];return(A+B)*3/4-B}function T(f,d,A){return(d+A)*3/4-A}function E(f){
var d,A=c(f),B=A[0],x=A[1],w=new s(T(f,B,x)),M=0,O=x>0?B-4:B,m;for(m=0;m<O;m+=4)d=u[f.charCodeAt(m)]<<18|u[f.charCodeAt(
m+1)]<<12|u[f.charCodeAt(m+2)]<<6|u[f.charCodeAt(m+3)],w[M++]=d>>16&255,w[M++]=d>>8&255,w[M++]=d&255;return x===
2&&(d=u[f.charCodeAt(m)]<<2|u[f.charCodeAt(m+1)]>>4,w[M++]=d&255),x===1&&(d=u[f.charCodeAt(m)]<<10|u[f.charCodeAt(
m+1)]<<4|u[f.charCodeAt(m+2)]>>2,w[M++]=d>>8&255,w[M++]=d&255),w}function L(f){return i[f>>18&63]+i[f>>12&63]+
i[f>>6&63]+i[f&63]}function _(f,d,A){for(var B,x=[],w=d;w<A;w+=3)B=(f[w]<<16&16711680)+(f[w+1]<<8&65280)+(f[w+
2]&255),x.push(L(B));return x.join("")}function P(f){for(var d,A=f.length,B=A%3,x=[],w=16383,M=0,O=A-B;M<O;M+=
w)x.push(_(f,M,M+w>O?O:M+w));return B===1?(d=f[A-1],x.push(i[d>>2]+i[d<<4&63]+"==")):B===2&&(d=(f[A-2]<<8)+f[A-
1],x.push(i[d>>10]+i[d>>4&63]+i[d<<2&63]+"=")),x.join("")}}),At=H(y=>{Q(),y.read=function(i,u,s,a,n){var o,c,b=n*
8-a-1,T=(1<<b)-1,E=T>>1,L=-7,_=s?n-1:0,P=s?-1:1,f=i[u+_];for(_+=P,o=f&(1<<-L)-1,f>>=-L,L+=b;L>0;o=o*256+i[u+_],
_+=P,L-=8);for(c=o&(1<<-L)-1,o>>=-L,L+=a;L>0;c=c*256+i[u+_],_+=P,L-=8);if(o===0)o=1-E;else{if(o===T)return c?NaN:
(f?-1:1)*(1/0);c=c+Math.pow(2,a),o=o-E}return(f?-1:1)*c*Math.pow(2,o-a)},y.write=function(i,u,s,a,n,o){var c,b,
T,E=o*8-n-1,L=(1<<E)-1,_=L>>1,P=n===23?Math.pow(2,-24)-Math.pow(2,-77):0,f=a?0:o-1,d=a?1:-1,A=u<0||u===0&&1/u<
0?1:0;for(u=Math.abs(u),isNaN(u)||u===1/0?(b=isNaN(u)?1:0,c=L):(c=Math.floor(Math.log(u)/Math.LN2),u*(T=Math.pow(
2,-c))<1&&(c--,T*=2),c+_>=1?u+=P/T:u+=P*Math.pow(2,1-_),u*T>=2&&(c++,T/=2),c+_>=L?(b=0,c=L):c+_>=1?(b=(u*T-1)*
Math.pow(2,n),c=c+_):(b=u*Math.pow(2,_-1)*Math.pow(2,n),c=0));n>=8;i[s+f]=b&255,f+=d,b/=256,n-=8);for(c=c<<n|b,
E+=n;E>0;i[s+f]=c&255,f+=d,c/=256,E-=8);i[s+f-d]|=A*128}}),Ct=H(y=>{"use strict";Q();var i=_t(),u=At(),s=typeof Symbol==
"function"&&typeof Symbol.for=="function"?Symbol.for("nodejs.util.inspect.custom"):null;y.Buffer=c,y.SlowBuffer=
x,y.INSPECT_MAX_BYTES=50;var a=2147483647;y.kMaxLength=a,c.TYPED_ARRAY_SUPPORT=n(),!c.TYPED_ARRAY_SUPPORT&&typeof console<
"u"&&typeof console.error=="function"&&console.error("This browser lacks typed array (Uint8Array) support whic\
h is required by `buffer` v5.x. Use `buffer` v4.x if you require old browser support.");function n(){try{let e=new Uint8Array(
1),t={foo:l(function(){return 42},"foo")};return Object.setPrototypeOf(t,Uint8Array.prototype),Object.setPrototypeOf(
e,t),e.foo()===42}catch{return!1}}Object.defineProperty(c.prototype,"parent",{enumerable:!0,get:l(function(){if(c.
isBuffer(this))return this.buffer},"get")}),Object.defineProperty(c.prototype,"offset",{enumerable:!0,get:l(function(){
if(c.isBuffer(this))return this.byteOffset},"get")});function o(e){if(e>a)throw new RangeError('The value "'+e+
'" is invalid for option "size"');let t=new Uint8Array(e);return Object.setPrototypeOf(t,c.prototype),t}function c(e,t,r){
if(typeof e=="number"){if(typeof t=="string")throw new TypeError('The "string" argument must be of type string\
. Received type number');return L(e)}return b(e,t,r)}c.poolSize=8192;function b(e,t,r){if(typeof e=="string")return _(
e,t);if(ArrayBuffer.isView(e))return f(e);if(e==null)throw new TypeError("The first argument must be one of ty\
pe string, Buffer, ArrayBuffer, Array, or Array-like Object. Received type "+typeof e);if(re(e,ArrayBuffer)||e&&
re(e.buffer,ArrayBuffer)||typeof SharedArrayBuffer<"u"&&(re(e,SharedArrayBuffer)||e&&re(e.buffer,SharedArrayBuffer)))
return d(e,t,r);if(typeof e=="number")throw new TypeError('The "value" argument must not be of type number. Re\
ceived type number');let h=e.valueOf&&e.valueOf();if(h!=null&&h!==e)return c.from(h,t,r);let g=A(e);if(g)return g;
if(typeof Symbol<"u"&&Symbol.toPrimitive!=null&&typeof e[Symbol.toPrimitive]=="function")return c.from(e[Symbol.
toPrimitive]("string"),t,r);throw new TypeError("The first argument must be one of type string, Buffer, ArrayB\
uffer, Array, or Array-like Object. Received type "+typeof e)}c.from=function(e,t,r){return b(e,t,r)},Object.setPrototypeOf(
c.prototype,Uint8Array.prototype),Object.setPrototypeOf(c,Uint8Array);function T(e){if(typeof e!="number")throw new TypeError(
'"size" argument must be of type number');if(e<0)throw new RangeError('The value "'+e+'" is invalid for option\
 "size"')}function E(e,t,r){return T(e),e<=0?o(e):t!==void 0?typeof r=="string"?o(e).fill(t,r):o(e).fill(t):o(
e)}c.alloc=function(e,t,r){return E(e,t,r)};function L(e){return T(e),o(e<0?0:B(e)|0)}c.allocUnsafe=function(e){
return L(e)},c.allocUnsafeSlow=function(e){return L(e)};function _(e,t){if((typeof t!="string"||t==="")&&(t="u\
tf8"),!c.isEncoding(t))throw new TypeError("Unknown encoding: "+t);let r=w(e,t)|0,h=o(r),g=h.write(e,t);return g!==
r&&(h=h.slice(0,g)),h}function P(e){let t=e.length<0?0:B(e.length)|0,r=o(t);for(let h=0;h<t;h+=1)r[h]=e[h]&255;
return r}function f(e){if(re(e,Uint8Array)){let t=new Uint8Array(e);return d(t.buffer,t.byteOffset,t.byteLength)}
return P(e)}l(f,"fromArrayView");function d(e,t,r){if(t<0||e.byteLength<t)throw new RangeError('"offset" is ou\
tside of buffer bounds');if(e.byteLength<t+(r||0))throw new RangeError('"length" is outside of buffer bounds');
let h;return t===void 0&&r===void 0?h=new Uint8Array(e):r===void 0?h=new Uint8Array(e,t):h=new Uint8Array(e,t,
r),Object.setPrototypeOf(h,c.prototype),h}function A(e){if(c.isBuffer(e)){let t=B(e.length)|0,r=o(t);return r.
length===0||e.copy(r,0,0,t),r}if(e.length!==void 0)return typeof e.length!="number"||Se(e.length)?o(0):P(e);if(e.
type==="Buffer"&&Array.isArray(e.data))return P(e.data)}function B(e){if(e>=a)throw new RangeError("Attempt to\
 allocate Buffer larger than maximum size: 0x"+a.toString(16)+" bytes");return e|0}function x(e){return+e!=e&&
(e=0),c.alloc(+e)}c.isBuffer=l(function(e){return e!=null&&e._isBuffer===!0&&e!==c.prototype},"isBuffer"),c.compare=
l(function(e,t){if(re(e,Uint8Array)&&(e=c.from(e,e.offset,e.byteLength)),re(t,Uint8Array)&&(t=c.from(t,t.offset,
t.byteLength)),!c.isBuffer(e)||!c.isBuffer(t))throw new TypeError('The "buf1", "buf2" arguments must be one of\
 type Buffer or Uint8Array');if(e===t)return 0;let r=e.length,h=t.length;for(let g=0,v=Math.min(r,h);g<v;++g)if(e[g]!==
t[g]){r=e[g],h=t[g];break}return r<h?-1:h<r?1:0},"compare"),c.isEncoding=l(function(e){switch(String(e).toLowerCase()){case"\
hex":case"utf8":case"utf-8":case"ascii":case"latin1":case"binary":case"base64":case"ucs2":case"ucs-2":case"utf\
16le":case"utf-16le":return!0;default:return!1}},"isEncoding"),c.concat=l(function(e,t){if(!Array.isArray(e))throw new TypeError(
'"list" argument must be an Array of Buffers');if(e.length===0)return c.alloc(0);let r;if(t===void 0)for(t=0,r=
0;r<e.length;++r)t+=e[r].length;let h=c.allocUnsafe(t),g=0;for(r=0;r<e.length;++r){let v=e[r];if(re(v,Uint8Array))
g+v.length>h.length?(c.isBuffer(v)||(v=c.from(v)),v.copy(h,g)):Uint8Array.prototype.set.call(h,v,g);else if(c.
isBuffer(v))v.copy(h,g);else throw new TypeError('"list" argument must be an Array of Buffers');g+=v.length}return h},
"concat");function w(e,t){if(c.isBuffer(e))return e.length;if(ArrayBuffer.isView(e)||re(e,ArrayBuffer))return e.
byteLength;if(typeof e!="string")throw new TypeError('The "string" argument must be one of type string, Buffer\
, or ArrayBuffer. Received type '+typeof e);let r=e.length,h=arguments.length>2&&arguments[2]===!0;if(!h&&r===
0)return 0;let g=!1;for(;;)switch(t){case"ascii":case"latin1":case"binary":return r;case"utf8":case"utf-8":return Ee(
e).length;case"ucs2":case"ucs-2":case"utf16le":case"utf-16le":return r*2;case"hex":return r>>>1;case"base64":return Me(
e).length;default:if(g)return h?-1:Ee(e).length;t=(""+t).toLowerCase(),g=!0}}c.byteLength=w;function M(e,t,r){
let h=!1;if((t===void 0||t<0)&&(t=0),t>this.length||((r===void 0||r>this.length)&&(r=this.length),r<=0)||(r>>>=
0,t>>>=0,r<=t))return"";for(e||(e="utf8");;)switch(e){case"hex":return ie(this,t,r);case"utf8":case"utf-8":return J(
this,t,r);case"ascii":return z(this,t,r);case"latin1":case"binary":return se(this,t,r);case"base64":return F(this,
t,r);case"ucs2":case"ucs-2":case"utf16le":case"utf-16le":return le(this,t,r);default:if(h)throw new TypeError(
"Unknown encoding: "+e);e=(e+"").toLowerCase(),h=!0}}c.prototype._isBuffer=!0;function O(e,t,r){let h=e[t];e[t]=
e[r],e[r]=h}c.prototype.swap16=l(function(){let e=this.length;if(e%2!==0)throw new RangeError("Buffer size mus\
t be a multiple of 16-bits");for(let t=0;t<e;t+=2)O(this,t,t+1);return this},"swap16"),c.prototype.swap32=l(function(){
let e=this.length;if(e%4!==0)throw new RangeError("Buffer size must be a multiple of 32-bits");for(let t=0;t<e;t+=
4)O(this,t,t+3),O(this,t+1,t+2);return this},"swap32"),c.prototype.swap64=l(function(){let e=this.length;if(e%
8!==0)throw new RangeError("Buffer size must be a multiple of 64-bits");for(let t=0;t<e;t+=8)O(this,t,t+7),O(this,
t+1,t+6),O(this,t+2,t+5),O(this,t+3,t+4);return this},"swap64"),c.prototype.toString=l(function(){let e=this.length;
return e===0?"":arguments.length===0?J(this,0,e):M.apply(this,arguments)},"toString"),c.prototype.toLocaleString=
c.prototype.toString,c.prototype.equals=l(function(e){if(!c.isBuffer(e))throw new TypeError("Argument must be \
a Buffer");return this===e?!0:c.compare(this,e)===0},"equals"),c.prototype.inspect=l(function(){let e="",t=y.INSPECT_MAX_BYTES;
return e=this.toString("hex",0,t).replace(/(.{2})/g,"$1 ").trim(),this.length>t&&(e+=" ... "),"<Buffer "+e+">"},
"inspect"),s&&(c.prototype[s]=c.prototype.inspect),c.prototype.compare=l(function(e,t,r,h,g){if(re(e,Uint8Array)&&
(e=c.from(e,e.offset,e.byteLength)),!c.isBuffer(e))throw new TypeError('The "target" argument must be one of t\
ype Buffer or Uint8Array. Received type '+typeof e);if(t===void 0&&(t=0),r===void 0&&(r=e?e.length:0),h===void 0&&
(h=0),g===void 0&&(g=this.length),t<0||r>e.length||h<0||g>this.length)throw new RangeError("out of range index");
if(h>=g&&t>=r)return 0;if(h>=g)return-1;if(t>=r)return 1;if(t>>>=0,r>>>=0,h>>>=0,g>>>=0,this===e)return 0;let v=g-
h,k=r-t,q=Math.min(v,k),V=this.slice(h,g),W=e.slice(t,r);for(let j=0;j<q;++j)if(V[j]!==W[j]){v=V[j],k=W[j];break}
return v<k?-1:k<v?1:0},"compare");function m(e,t,r,h,g){if(e.length===0)return-1;if(typeof r=="string"?(h=r,r=
0):r>2147483647?r=2147483647:r<-2147483648&&(r=-2147483648),r=+r,Se(r)&&(r=g?0:e.length-1),r<0&&(r=e.length+r),
r>=e.length){if(g)return-1;r=e.length-1}else if(r<0)if(g)r=0;else return-1;if(typeof t=="string"&&(t=c.from(t,
h)),c.isBuffer(t))return t.length===0?-1:C(e,t,r,h,g);if(typeof t=="number")return t=t&255,typeof Uint8Array.prototype.
indexOf=="function"?g?Uint8Array.prototype.indexOf.call(e,t,r):Uint8Array.prototype.lastIndexOf.call(e,t,r):C(
e,[t],r,h,g);throw new TypeError("val must be string, number or Buffer")}function C(e,t,r,h,g){let v=1,k=e.length,
q=t.length;if(h!==void 0&&(h=String(h).toLowerCase(),h==="ucs2"||h==="ucs-2"||h==="utf16le"||h==="utf-16le")){
if(e.length<2||t.length<2)return-1;v=2,k/=2,q/=2,r/=2}function V(j,G){return v===1?j[G]:j.readUInt16BE(G*v)}let W;
if(g){let j=-1;for(W=r;W<k;W++)if(V(e,W)===V(t,j===-1?0:W-j)){if(j===-1&&(j=W),W-j+1===q)return j*v}else j!==-1&&
(W-=W-j),j=-1}else for(r+q>k&&(r=k-q),W=r;W>=0;W--){let j=!0;for(let G=0;G<q;G++)if(V(e,W+G)!==V(t,G)){j=!1;break}
if(j)return W}return-1}l(C,"arrayIndexOf"),c.prototype.includes=l(function(e,t,r){return this.indexOf(e,t,r)!==
-1},"includes"),c.prototype.indexOf=l(function(e,t,r){return m(this,e,t,r,!0)},"indexOf"),c.prototype.lastIndexOf=
l(function(e,t,r){return m(this,e,t,r,!1)},"lastIndexOf");function S(e,t,r,h){r=Number(r)||0;let g=e.length-r;
h?(h=Number(h),h>g&&(h=g)):h=g;let v=t.length;h>v/2&&(h=v/2);let k;for(k=0;k<h;++k){let q=parseInt(t.substr(k*
2,2),16);if(Se(q))return k;e[r+k]=q}return k}function p(e,t,r,h){return de(Ee(t,e.length-r),e,r,h)}function I(e,t,r,h){
return de(je(t),e,r,h)}function R(e,t,r,h){return de(Me(t),e,r,h)}function N(e,t,r,h){return de(We(t,e.length-
r),e,r,h)}c.prototype.write=l(function(e,t,r,h){if(t===void 0)h="utf8",r=this.length,t=0;else if(r===void 0&&typeof t==
"string")h=t,r=this.length,t=0;else if(isFinite(t))t=t>>>0,isFinite(r)?(r=r>>>0,h===void 0&&(h="utf8")):(h=r,r=
void 0);else throw new Error("Buffer.write(string, encoding, offset[, length]) is no longer supported");let g=this.
length-t;if((r===void 0||r>g)&&(r=g),e.length>0&&(r<0||t<0)||t>this.length)throw new RangeError("Attempt to wr\
ite outside buffer bounds");h||(h="utf8");let v=!1;for(;;)switch(h){case"hex":return S(this,e,t,r);case"utf8":case"\
utf-8":return p(this,e,t,r);case"ascii":case"latin1":case"binary":return I(this,e,t,r);case"base64":return R(this,
e,t,r);case"ucs2":case"ucs-2":case"utf16le":case"utf-16le":return N(this,e,t,r);default:if(v)throw new TypeError(
"Unknown encoding: "+h);h=(""+h).toLowerCase(),v=!0}},"write"),c.prototype.toJSON=l(function(){return{type:"Bu\
ffer",data:Array.prototype.slice.call(this._arr||this,0)}},"toJSON");function F(e,t,r){return t===0&&r===e.length?
i.fromByteArray(e):i.fromByteArray(e.slice(t,r))}function J(e,t,r){r=Math.min(e.length,r);let h=[],g=t;for(;g<
r;){let v=e[g],k=null,q=v>239?4:v>223?3:v>191?2:1;if(g+q<=r){let V,W,j,G;switch(q){case 1:v<128&&(k=v);break;case 2:
V=e[g+1],(V&192)===128&&(G=(v&31)<<6|V&63,G>127&&(k=G));break;case 3:V=e[g+1],W=e[g+2],(V&192)===128&&(W&192)===
128&&(G=(v&15)<<12|(V&63)<<6|W&63,G>2047&&(G<55296||G>57343)&&(k=G));break;case 4:V=e[g+1],W=e[g+2],j=e[g+3],(V&
192)===128&&(W&192)===128&&(j&192)===128&&(G=(v&15)<<18|(V&63)<<12|(W&63)<<6|j&63,G>65535&&G<1114112&&(k=G))}}
k===null?(k=65533,q=1):k>65535&&(k-=65536,h.push(k>>>10&1023|55296),k=56320|k&1023),h.push(k),g+=q}return Z(h)}
var X=4096;function Z(e){let t=e.length;if(t<=X)return String.fromCharCode.apply(String,e);let r="",h=0;for(;h<
t;)r+=String.fromCharCode.apply(String,e.slice(h,h+=X));return r}function z(e,t,r){let h="";r=Math.min(e.length,
r);for(let g=t;g<r;++g)h+=String.fromCharCode(e[g]&127);return h}function se(e,t,r){let h="";r=Math.min(e.length,
r);for(let g=t;g<r;++g)h+=String.fromCharCode(e[g]);return h}function ie(e,t,r){let h=e.length;(!t||t<0)&&(t=0),
(!r||r<0||r>h)&&(r=h);let g="";for(let v=t;v<r;++v)g+=yt[e[v]];return g}function le(e,t,r){let h=e.slice(t,r),
g="";for(let v=0;v<h.length-1;v+=2)g+=String.fromCharCode(h[v]+h[v+1]*256);return g}c.prototype.slice=l(function(e,t){
let r=this.length;e=~~e,t=t===void 0?r:~~t,e<0?(e+=r,e<0&&(e=0)):e>r&&(e=r),t<0?(t+=r,t<0&&(t=0)):t>r&&(t=r),t<
e&&(t=e);let h=this.subarray(e,t);return Object.setPrototypeOf(h,c.prototype),h},"slice");function $(e,t,r){if(e%
1!==0||e<0)throw new RangeError("offset is not uint");if(e+t>r)throw new RangeError("Trying to access beyond b\
uffer length")}c.prototype.readUintLE=c.prototype.readUIntLE=l(function(e,t,r){e=e>>>0,t=t>>>0,r||$(e,t,this.length);
let h=this[e],g=1,v=0;for(;++v<t&&(g*=256);)h+=this[e+v]*g;return h},"readUIntLE"),c.prototype.readUintBE=c.prototype.
readUIntBE=l(function(e,t,r){e=e>>>0,t=t>>>0,r||$(e,t,this.length);let h=this[e+--t],g=1;for(;t>0&&(g*=256);)h+=
this[e+--t]*g;return h},"readUIntBE"),c.prototype.readUint8=c.prototype.readUInt8=l(function(e,t){return e=e>>>
0,t||$(e,1,this.length),this[e]},"readUInt8"),c.prototype.readUint16LE=c.prototype.readUInt16LE=l(function(e,t){
return e=e>>>0,t||$(e,2,this.length),this[e]|this[e+1]<<8},"readUInt16LE"),c.prototype.readUint16BE=c.prototype.
readUInt16BE=l(function(e,t){return e=e>>>0,t||$(e,2,this.length),this[e]<<8|this[e+1]},"readUInt16BE"),c.prototype.
readUint32LE=c.prototype.readUInt32LE=l(function(e,t){return e=e>>>0,t||$(e,4,this.length),(this[e]|this[e+1]<<
8|this[e+2]<<16)+this[e+3]*16777216},"readUInt32LE"),c.prototype.readUint32BE=c.prototype.readUInt32BE=l(function(e,t){
return e=e>>>0,t||$(e,4,this.length),this[e]*16777216+(this[e+1]<<16|this[e+2]<<8|this[e+3])},"readUInt32BE"),
c.prototype.readBigUInt64LE=oe(l(function(e){e=e>>>0,ce(e,"offset");let t=this[e],r=this[e+7];(t===void 0||r===
void 0)&&fe(e,this.length-8);let h=t+this[++e]*2**8+this[++e]*2**16+this[++e]*2**24,g=this[++e]+this[++e]*2**8+
this[++e]*2**16+r*2**24;return BigInt(h)+(BigInt(g)<<BigInt(32))},"readBigUInt64LE")),c.prototype.readBigUInt64BE=
oe(l(function(e){e=e>>>0,ce(e,"offset");let t=this[e],r=this[e+7];(t===void 0||r===void 0)&&fe(e,this.length-8);
let h=t*2**24+this[++e]*2**16+this[++e]*2**8+this[++e],g=this[++e]*2**24+this[++e]*2**16+this[++e]*2**8+r;return(BigInt(
h)<<BigInt(32))+BigInt(g)},"readBigUInt64BE")),c.prototype.readIntLE=l(function(e,t,r){e=e>>>0,t=t>>>0,r||$(e,
t,this.length);let h=this[e],g=1,v=0;for(;++v<t&&(g*=256);)h+=this[e+v]*g;return g*=128,h>=g&&(h-=Math.pow(2,8*
t)),h},"readIntLE"),c.prototype.readIntBE=l(function(e,t,r){e=e>>>0,t=t>>>0,r||$(e,t,this.length);let h=t,g=1,
v=this[e+--h];for(;h>0&&(g*=256);)v+=this[e+--h]*g;return g*=128,v>=g&&(v-=Math.pow(2,8*t)),v},"readIntBE"),c.
prototype.readInt8=l(function(e,t){return e=e>>>0,t||$(e,1,this.length),this[e]&128?(255-this[e]+1)*-1:this[e]},
"readInt8"),c.prototype.readInt16LE=l(function(e,t){e=e>>>0,t||$(e,2,this.length);let r=this[e]|this[e+1]<<8;return r&
32768?r|4294901760:r},"readInt16LE"),c.prototype.readInt16BE=l(function(e,t){e=e>>>0,t||$(e,2,this.length);let r=this[e+
1]|this[e]<<8;return r&32768?r|4294901760:r},"readInt16BE"),c.prototype.readInt32LE=l(function(e,t){return e=e>>>
0,t||$(e,4,this.length),this[e]|this[e+1]<<8|this[e+2]<<16|this[e+3]<<24},"readInt32LE"),c.prototype.readInt32BE=
l(function(e,t){return e=e>>>0,t||$(e,4,this.length),this[e]<<24|this[e+1]<<16|this[e+2]<<8|this[e+3]},"readIn\
t32BE"),c.prototype.readBigInt64LE=oe(l(function(e){e=e>>>0,ce(e,"offset");let t=this[e],r=this[e+7];(t===void 0||
r===void 0)&&fe(e,this.length-8);let h=this[e+4]+this[e+5]*2**8+this[e+6]*2**16+(r<<24);return(BigInt(h)<<BigInt(
32))+BigInt(t+this[++e]*2**8+this[++e]*2**16+this[++e]*2**24)},"readBigInt64LE")),c.prototype.readBigInt64BE=oe(
l(function(e){e=e>>>0,ce(e,"offset");let t=this[e],r=this[e+7];(t===void 0||r===void 0)&&fe(e,this.length-8);let h=(t<<
24)+this[++e]*2**16+this[++e]*2**8+this[++e];return(BigInt(h)<<BigInt(32))+BigInt(this[++e]*2**24+this[++e]*2**
16+this[++e]*2**8+r)},"readBigInt64BE")),c.prototype.readFloatLE=l(function(e,t){return e=e>>>0,t||$(e,4,this.
length),u.read(this,e,!0,23,4)},"readFloatLE"),c.prototype.readFloatBE=l(function(e,t){return e=e>>>0,t||$(e,4,
this.length),u.read(this,e,!1,23,4)},"readFloatBE"),c.prototype.readDoubleLE=l(function(e,t){return e=e>>>0,t||
$(e,8,this.length),u.read(this,e,!0,52,8)},"readDoubleLE"),c.prototype.readDoubleBE=l(function(e,t){return e=e>>>
0,t||$(e,8,this.length),u.read(this,e,!1,52,8)},"readDoubleBE");function Y(e,t,r,h,g,v){if(!c.isBuffer(e))throw new TypeError(
'"buffer" argument must be a Buffer instance');if(t>g||t<v)throw new RangeError('"value" argument is out of bo\
unds');if(r+h>e.length)throw new RangeError("Index out of range")}c.prototype.writeUintLE=c.prototype.writeUIntLE=
l(function(e,t,r,h){if(e=+e,t=t>>>0,r=r>>>0,!h){let k=Math.pow(2,8*r)-1;Y(this,e,t,r,k,0)}let g=1,v=0;for(this[t]=
e&255;++v<r&&(g*=256);)this[t+v]=e/g&255;return t+r},"writeUIntLE"),c.prototype.writeUintBE=c.prototype.writeUIntBE=
l(function(e,t,r,h){if(e=+e,t=t>>>0,r=r>>>0,!h){let k=Math.pow(2,8*r)-1;Y(this,e,t,r,k,0)}let g=r-1,v=1;for(this[t+
g]=e&255;--g>=0&&(v*=256);)this[t+g]=e/v&255;return t+r},"writeUIntBE"),c.prototype.writeUint8=c.prototype.writeUInt8=
l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,1,255,0),this[t]=e&255,t+1},"writeUInt8"),c.prototype.writeUint16LE=
c.prototype.writeUInt16LE=l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,2,65535,0),this[t]=e&255,this[t+
1]=e>>>8,t+2},"writeUInt16LE"),c.prototype.writeUint16BE=c.prototype.writeUInt16BE=l(function(e,t,r){return e=
+e,t=t>>>0,r||Y(this,e,t,2,65535,0),this[t]=e>>>8,this[t+1]=e&255,t+2},"writeUInt16BE"),c.prototype.writeUint32LE=
c.prototype.writeUInt32LE=l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,4,4294967295,0),this[t+3]=e>>>24,
this[t+2]=e>>>16,this[t+1]=e>>>8,this[t]=e&255,t+4},"writeUInt32LE"),c.prototype.writeUint32BE=c.prototype.writeUInt32BE=
l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,4,4294967295,0),this[t]=e>>>24,this[t+1]=e>>>16,this[t+2]=
e>>>8,this[t+3]=e&255,t+4},"writeUInt32BE");function Pe(e,t,r,h,g){Be(t,h,g,e,r,7);let v=Number(t&BigInt(4294967295));
e[r++]=v,v=v>>8,e[r++]=v,v=v>>8,e[r++]=v,v=v>>8,e[r++]=v;let k=Number(t>>BigInt(32)&BigInt(4294967295));return e[r++]=
k,k=k>>8,e[r++]=k,k=k>>8,e[r++]=k,k=k>>8,e[r++]=k,r}function Le(e,t,r,h,g){Be(t,h,g,e,r,7);let v=Number(t&BigInt(
4294967295));e[r+7]=v,v=v>>8,e[r+6]=v,v=v>>8,e[r+5]=v,v=v>>8,e[r+4]=v;let k=Number(t>>BigInt(32)&BigInt(4294967295));
return e[r+3]=k,k=k>>8,e[r+2]=k,k=k>>8,e[r+1]=k,k=k>>8,e[r]=k,r+8}c.prototype.writeBigUInt64LE=oe(l(function(e,t=0){
return Pe(this,e,t,BigInt(0),BigInt("0xffffffffffffffff"))},"writeBigUInt64LE")),c.prototype.writeBigUInt64BE=
oe(l(function(e,t=0){return Le(this,e,t,BigInt(0),BigInt("0xffffffffffffffff"))},"writeBigUInt64BE")),c.prototype.
writeIntLE=l(function(e,t,r,h){if(e=+e,t=t>>>0,!h){let q=Math.pow(2,8*r-1);Y(this,e,t,r,q-1,-q)}let g=0,v=1,k=0;
for(this[t]=e&255;++g<r&&(v*=256);)e<0&&k===0&&this[t+g-1]!==0&&(k=1),this[t+g]=(e/v>>0)-k&255;return t+r},"wr\
iteIntLE"),c.prototype.writeIntBE=l(function(e,t,r,h){if(e=+e,t=t>>>0,!h){let q=Math.pow(2,8*r-1);Y(this,e,t,r,
q-1,-q)}let g=r-1,v=1,k=0;for(this[t+g]=e&255;--g>=0&&(v*=256);)e<0&&k===0&&this[t+g+1]!==0&&(k=1),this[t+g]=(e/
v>>0)-k&255;return t+r},"writeIntBE"),c.prototype.writeInt8=l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,
t,1,127,-128),e<0&&(e=255+e+1),this[t]=e&255,t+1},"writeInt8"),c.prototype.writeInt16LE=l(function(e,t,r){return e=
+e,t=t>>>0,r||Y(this,e,t,2,32767,-32768),this[t]=e&255,this[t+1]=e>>>8,t+2},"writeInt16LE"),c.prototype.writeInt16BE=
l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,2,32767,-32768),this[t]=e>>>8,this[t+1]=e&255,t+2},"writeI\
nt16BE"),c.prototype.writeInt32LE=l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,4,2147483647,-2147483648),
this[t]=e&255,this[t+1]=e>>>8,this[t+2]=e>>>16,this[t+3]=e>>>24,t+4},"writeInt32LE"),c.prototype.writeInt32BE=
l(function(e,t,r){return e=+e,t=t>>>0,r||Y(this,e,t,4,2147483647,-2147483648),e<0&&(e=4294967295+e+1),this[t]=
e>>>24,this[t+1]=e>>>16,this[t+2]=e>>>8,this[t+3]=e&255,t+4},"writeInt32BE"),c.prototype.writeBigInt64LE=oe(l(
function(e,t=0){return Pe(this,e,t,-BigInt("0x8000000000000000"),BigInt("0x7fffffffffffffff"))},"writeBigInt64\
LE")),c.prototype.writeBigInt64BE=oe(l(function(e,t=0){return Le(this,e,t,-BigInt("0x8000000000000000"),BigInt(
"0x7fffffffffffffff"))},"writeBigInt64BE"));function Te(e,t,r,h,g,v){if(r+h>e.length)throw new RangeError("Ind\
ex out of range");if(r<0)throw new RangeError("Index out of range")}function xe(e,t,r,h,g){return t=+t,r=r>>>0,
g||Te(e,t,r,4,34028234663852886e22,-34028234663852886e22),u.write(e,t,r,h,23,4),r+4}c.prototype.writeFloatLE=l(
function(e,t,r){return xe(this,e,t,!0,r)},"writeFloatLE"),c.prototype.writeFloatBE=l(function(e,t,r){return xe(
this,e,t,!1,r)},"writeFloatBE");function Re(e,t,r,h,g){return t=+t,r=r>>>0,g||Te(e,t,r,8,17976931348623157e292,
-17976931348623157e292),u.write(e,t,r,h,52,8),r+8}c.prototype.writeDoubleLE=l(function(e,t,r){return Re(this,e,
t,!0,r)},"writeDoubleLE"),c.prototype.writeDoubleBE=l(function(e,t,r){return Re(this,e,t,!1,r)},"writeDoubleBE"),
c.prototype.copy=l(function(e,t,r,h){if(!c.isBuffer(e))throw new TypeError("argument should be a Buffer");if(r||
(r=0),!h&&h!==0&&(h=this.length),t>=e.length&&(t=e.length),t||(t=0),h>0&&h<r&&(h=r),h===r||e.length===0||this.
length===0)return 0;if(t<0)throw new RangeError("targetStart out of bounds");if(r<0||r>=this.length)throw new RangeError(
"Index out of range");if(h<0)throw new RangeError("sourceEnd out of bounds");h>this.length&&(h=this.length),e.
length-t<h-r&&(h=e.length-t+r);let g=h-r;return this===e&&typeof Uint8Array.prototype.copyWithin=="function"?this.
copyWithin(t,r,h):Uint8Array.prototype.set.call(e,this.subarray(r,h),t),g},"copy"),c.prototype.fill=l(function(e,t,r,h){
if(typeof e=="string"){if(typeof t=="string"?(h=t,t=0,r=this.length):typeof r=="string"&&(h=r,r=this.length),h!==
void 0&&typeof h!="string")throw new TypeError("encoding must be a string");if(typeof h=="string"&&!c.isEncoding(
h))throw new TypeError("Unknown encoding: "+h);if(e.length===1){let v=e.charCodeAt(0);(h==="utf8"&&v<128||h===
"latin1")&&(e=v)}}else typeof e=="number"?e=e&255:typeof e=="boolean"&&(e=Number(e));if(t<0||this.length<t||this.
length<r)throw new RangeError("Out of range index");if(r<=t)return this;t=t>>>0,r=r===void 0?this.length:r>>>0,
e||(e=0);let g;if(typeof e=="number")for(g=t;g<r;++g)this[g]=e;else{let v=c.isBuffer(e)?e:c.from(e,h),k=v.length;
if(k===0)throw new TypeError('The value "'+e+'" is invalid for argument "value"');for(g=0;g<r-t;++g)this[g+t]=
v[g%k]}return this},"fill");var he={};function ve(e,t,r){var h;he[e]=(h=class extends r{constructor(){super(),
Object.defineProperty(this,"message",{value:t.apply(this,arguments),writable:!0,configurable:!0}),this.name=`${this.
name} [${e}]`,this.stack,delete this.name}get code(){return e}set code(g){Object.defineProperty(this,"code",{configurable:!0,
enumerable:!0,value:g,writable:!0})}toString(){return`${this.name} [${e}]: ${this.message}`}},h)}ve("ERR_BUFFE\
R_OUT_OF_BOUNDS",function(e){return e?`${e} is outside of buffer bounds`:"Attempt to access memory outside buf\
fer bounds"},RangeError),ve("ERR_INVALID_ARG_TYPE",function(e,t){return`The "${e}" argument must be of type nu\
mber. Received type ${typeof t}`},TypeError),ve("ERR_OUT_OF_RANGE",function(e,t,r){let h=`The value of "${e}" \
is out of range.`,g=r;return Number.isInteger(r)&&Math.abs(r)>2**32?g=ke(String(r)):typeof r=="bigint"&&(g=String(
r),(r>BigInt(2)**BigInt(32)||r<-(BigInt(2)**BigInt(32)))&&(g=ke(g)),g+="n"),h+=` It must be ${t}. Received ${g}`,
h},RangeError);function ke(e){let t="",r=e.length,h=e[0]==="-"?1:0;for(;r>=h+4;r-=3)t=`_${e.slice(r-3,r)}${t}`;
return`${e.slice(0,r)}${t}`}function Qe(e,t,r){ce(t,"offset"),(e[t]===void 0||e[t+r]===void 0)&&fe(t,e.length-
(r+1))}function Be(e,t,r,h,g,v){if(e>r||e<t){let k=typeof t=="bigint"?"n":"",q;throw v>3?t===0||t===BigInt(0)?
q=`>= 0${k} and < 2${k} ** ${(v+1)*8}${k}`:q=`>= -(2${k} ** ${(v+1)*8-1}${k}) and < 2 ** ${(v+1)*8-1}${k}`:q=`\
>= ${t}${k} and <= ${r}${k}`,new he.ERR_OUT_OF_RANGE("value",q,e)}Qe(h,g,v)}function ce(e,t){if(typeof e!="num\
ber")throw new he.ERR_INVALID_ARG_TYPE(t,"number",e)}function fe(e,t,r){throw Math.floor(e)!==e?(ce(e,r),new he.
ERR_OUT_OF_RANGE(r||"offset","an integer",e)):t<0?new he.ERR_BUFFER_OUT_OF_BOUNDS:new he.ERR_OUT_OF_RANGE(r||"\
offset",`>= ${r?1:0} and <= ${t}`,e)}var dt=/[^+/0-9A-Za-z-_]/g;function qe(e){if(e=e.split("=")[0],e=e.trim().
replace(dt,""),e.length<2)return"";for(;e.length%4!==0;)e=e+"=";return e}function Ee(e,t){t=t||1/0;let r,h=e.length,
g=null,v=[];for(let k=0;k<h;++k){if(r=e.charCodeAt(k),r>55295&&r<57344){if(!g){if(r>56319){(t-=3)>-1&&v.push(239,
191,189);continue}else if(k+1===h){(t-=3)>-1&&v.push(239,191,189);continue}g=r;continue}if(r<56320){(t-=3)>-1&&
v.push(239,191,189),g=r;continue}r=(g-55296<<10|r-56320)+65536}else g&&(t-=3)>-1&&v.push(239,191,189);if(g=null,
r<128){if((t-=1)<0)break;v.push(r)}else if(r<2048){if((t-=2)<0)break;v.push(r>>6|192,r&63|128)}else if(r<65536){
if((t-=3)<0)break;v.push(r>>12|224,r>>6&63|128,r&63|128)}else if(r<1114112){if((t-=4)<0)break;v.push(r>>18|240,
r>>12&63|128,r>>6&63|128,r&63|128)}else throw new Error("Invalid code point")}return v}l(Ee,"utf8ToBytes");function je(e){
let t=[];for(let r=0;r<e.length;++r)t.push(e.charCodeAt(r)&255);return t}function We(e,t){let r,h,g,v=[];for(let k=0;k<
e.length&&!((t-=2)<0);++k)r=e.charCodeAt(k),h=r>>8,g=r%256,v.push(g),v.push(h);return v}function Me(e){return i.
toByteArray(qe(e))}function de(e,t,r,h){let g;for(g=0;g<h&&!(g+r>=t.length||g>=e.length);++g)t[g+r]=e[g];return g}
function re(e,t){return e instanceof t||e!=null&&e.constructor!=null&&e.constructor.name!=null&&e.constructor.
name===t.name}function Se(e){return e!==e}var yt=(function(){let e="0123456789abcdef",t=new Array(256);for(let r=0;r<
16;++r){let h=r*16;for(let g=0;g<16;++g)t[h+g]=e[r]+e[g]}return t})();function oe(e){return typeof BigInt>"u"?
$e:e}function $e(){throw new Error("BigInt not supported")}}),It,Pt,Lt,K,ue,Q=we(()=>{"use strict";It=globalThis,
Pt=globalThis.setImmediate??(y=>setTimeout(y,0)),Lt=globalThis.clearImmediate??(y=>clearTimeout(y)),K=typeof globalThis.
Buffer=="function"&&typeof globalThis.Buffer.allocUnsafe=="function"?globalThis.Buffer:Ct().Buffer,ue=globalThis.
process??{},ue.env??(ue.env={});try{ue.nextTick(()=>{})}catch{let y=Promise.resolve();ue.nextTick=y.then.bind(
y)}}),Tt=H((y,i)=>{"use strict";Q();var u=typeof Reflect=="object"?Reflect:null,s=u&&typeof u.apply=="function"?
u.apply:l(function(m,C,S){return Function.prototype.apply.call(m,C,S)},"ReflectApply"),a;u&&typeof u.ownKeys==
"function"?a=u.ownKeys:Object.getOwnPropertySymbols?a=l(function(m){return Object.getOwnPropertyNames(m).concat(
Object.getOwnPropertySymbols(m))},"ReflectOwnKeys"):a=l(function(m){return Object.getOwnPropertyNames(m)},"Ref\
lectOwnKeys");function n(m){console&&console.warn&&console.warn(m)}var o=Number.isNaN||l(function(m){return m!==
m},"NumberIsNaN");function c(){c.init.call(this)}i.exports=c,i.exports.once=w,c.EventEmitter=c,c.prototype._events=
void 0,c.prototype._eventsCount=0,c.prototype._maxListeners=void 0;var b=10;function T(m){if(typeof m!="functi\
on")throw new TypeError('The "listener" argument must be of type Function. Received type '+typeof m)}Object.defineProperty(
c,"defaultMaxListeners",{enumerable:!0,get:l(function(){return b},"get"),set:l(function(m){if(typeof m!="numbe\
r"||m<0||o(m))throw new RangeError('The value of "defaultMaxListeners" is out of range. It must be a non-negat\
ive number. Received '+m+".");b=m},"set")}),c.init=function(){(this._events===void 0||this._events===Object.getPrototypeOf(
this)._events)&&(this._events=Object.create(null),this._eventsCount=0),this._maxListeners=this._maxListeners||
void 0},c.prototype.setMaxListeners=l(function(m){if(typeof m!="number"||m<0||o(m))throw new RangeError('The v\
alue of "n" is out of range. It must be a non-negative number. Received '+m+".");return this._maxListeners=m,this},
"setMaxListeners");function E(m){return m._maxListeners===void 0?c.defaultMaxListeners:m._maxListeners}c.prototype.
getMaxListeners=l(function(){return E(this)},"getMaxListeners"),c.prototype.emit=l(function(m){for(var C=[],S=1;S<
arguments.length;S++)C.push(arguments[S]);var p=m==="error",I=this._events;if(I!==void 0)p=p&&I.error===void 0;else if(!p)
return!1;if(p){var R;if(C.length>0&&(R=C[0]),R instanceof Error)throw R;var N=new Error("Unhandled error."+(R?
" ("+R.message+")":""));throw N.context=R,N}var F=I[m];if(F===void 0)return!1;if(typeof F=="function")s(F,this,
C);else for(var J=F.length,X=A(F,J),S=0;S<J;++S)s(X[S],this,C);return!0},"emit");function L(m,C,S,p){var I,R,N;
if(T(S),R=m._events,R===void 0?(R=m._events=Object.create(null),m._eventsCount=0):(R.newListener!==void 0&&(m.
emit("newListener",C,S.listener?S.listener:S),R=m._events),N=R[C]),N===void 0)N=R[C]=S,++m._eventsCount;else if(typeof N==
"function"?N=R[C]=p?[S,N]:[N,S]:p?N.unshift(S):N.push(S),I=E(m),I>0&&N.length>I&&!N.warned){N.warned=!0;var F=new Error(
"Possible EventEmitter memory leak detected. "+N.length+" "+String(C)+" listeners added. Use emitter.setMaxLis\
teners() to increase limit");F.name="MaxListenersExceededWarning",F.emitter=m,F.type=C,F.count=N.length,n(F)}return m}
c.prototype.addListener=l(function(m,C){return L(this,m,C,!1)},"addListener"),c.prototype.on=c.prototype.addListener,
c.prototype.prependListener=l(function(m,C){return L(this,m,C,!0)},"prependListener");function _(){if(!this.fired)
return this.target.removeListener(this.type,this.wrapFn),this.fired=!0,arguments.length===0?this.listener.call(
this.target):this.listener.apply(this.target,arguments)}function P(m,C,S){var p={fired:!1,wrapFn:void 0,target:m,
type:C,listener:S},I=_.bind(p);return I.listener=S,p.wrapFn=I,I}c.prototype.once=l(function(m,C){return T(C),this.
on(m,P(this,m,C)),this},"once"),c.prototype.prependOnceListener=l(function(m,C){return T(C),this.prependListener(
m,P(this,m,C)),this},"prependOnceListener"),c.prototype.removeListener=l(function(m,C){var S,p,I,R,N;if(T(C),p=
this._events,p===void 0)return this;if(S=p[m],S===void 0)return this;if(S===C||S.listener===C)--this._eventsCount===
0?this._events=Object.create(null):(delete p[m],p.removeListener&&this.emit("removeListener",m,S.listener||C));else if(typeof S!=
"function"){for(I=-1,R=S.length-1;R>=0;R--)if(S[R]===C||S[R].listener===C){N=S[R].listener,I=R;break}if(I<0)return this;
I===0?S.shift():B(S,I),S.length===1&&(p[m]=S[0]),p.removeListener!==void 0&&this.emit("removeListener",m,N||C)}
return this},"removeListener"),c.prototype.off=c.prototype.removeListener,c.prototype.removeAllListeners=l(function(m){
var C,S,p;if(S=this._events,S===void 0)return this;if(S.removeListener===void 0)return arguments.length===0?(this.
_events=Object.create(null),this._eventsCount=0):S[m]!==void 0&&(--this._eventsCount===0?this._events=Object.create(
null):delete S[m]),this;if(arguments.length===0){var I=Object.keys(S),R;for(p=0;p<I.length;++p)R=I[p],R!=="rem\
oveListener"&&this.removeAllListeners(R);return this.removeAllListeners("removeListener"),this._events=Object.
create(null),this._eventsCount=0,this}if(C=S[m],typeof C=="function")this.removeListener(m,C);else if(C!==void 0)
for(p=C.length-1;p>=0;p--)this.removeListener(m,C[p]);return this},"removeAllListeners");function f(m,C,S){var p=m.
_events;if(p===void 0)return[];var I=p[C];return I===void 0?[]:typeof I=="function"?S?[I.listener||I]:[I]:S?x(
I):A(I,I.length)}c.prototype.listeners=l(function(m){return f(this,m,!0)},"listeners"),c.prototype.rawListeners=
l(function(m){return f(this,m,!1)},"rawListeners"),c.listenerCount=function(m,C){return typeof m.listenerCount==
"function"?m.listenerCount(C):d.call(m,C)},c.prototype.listenerCount=d;function d(m){var C=this._events;if(C!==
void 0){var S=C[m];if(typeof S=="function")return 1;if(S!==void 0)return S.length}return 0}c.prototype.eventNames=
l(function(){return this._eventsCount>0?a(this._events):[]},"eventNames");function A(m,C){for(var S=new Array(
C),p=0;p<C;++p)S[p]=m[p];return S}function B(m,C){for(;C+1<m.length;C++)m[C]=m[C+1];m.pop()}function x(m){for(var C=new Array(
m.length),S=0;S<C.length;++S)C[S]=m[S].listener||m[S];return C}function w(m,C){return new Promise(function(S,p){
function I(N){m.removeListener(C,R),p(N)}function R(){typeof m.removeListener=="function"&&m.removeListener("e\
rror",I),S([].slice.call(arguments))}O(m,C,R,{once:!0}),C!=="error"&&M(m,I,{once:!0})})}function M(m,C,S){typeof m.
on=="function"&&O(m,"error",C,S)}function O(m,C,S,p){if(typeof m.on=="function")p.once?m.once(C,S):m.on(C,S);else if(typeof m.
addEventListener=="function")m.addEventListener(C,l(function I(R){p.once&&m.removeEventListener(C,I),S(R)},"wr\
apListener"));else throw new TypeError('The "emitter" argument must be of type EventEmitter. Received type '+typeof m)}}),
xt={};ne(xt,{Socket:()=>be,isIP:()=>et});function et(y){return 0}var Ge,Oe,ye,be,Rt=we(()=>{"use strict";Q(),Ge=
Ue(Tt(),1),Oe=/^[^.]+\./,ye=class D extends Ge.EventEmitter{constructor(){super(...arguments),U(this,"opts",{}),
U(this,"connecting",!1),U(this,"pending",!0),U(this,"writable",!0),U(this,"encrypted",!1),U(this,"authorized",
!1),U(this,"destroyed",!1),U(this,"ws",null),U(this,"writeBuffer"),U(this,"tlsState",0),U(this,"tlsRead"),U(this,
"tlsWrite")}static get poolQueryViaFetch(){return D.opts.poolQueryViaFetch??D.defaults.poolQueryViaFetch}static set poolQueryViaFetch(i){
D.opts.poolQueryViaFetch=i}static get fetchEndpoint(){return D.opts.fetchEndpoint??D.defaults.fetchEndpoint}static set fetchEndpoint(i){
D.opts.fetchEndpoint=i}static get fetchConnectionCache(){return!0}static set fetchConnectionCache(i){console.warn(
"The `fetchConnectionCache` option is deprecated (now always `true`)")}static get fetchFunction(){return D.opts.
fetchFunction??D.defaults.fetchFunction}static set fetchFunction(i){D.opts.fetchFunction=i}static get webSocketConstructor(){
return D.opts.webSocketConstructor??D.defaults.webSocketConstructor}static set webSocketConstructor(i){D.opts.
webSocketConstructor=i}get webSocketConstructor(){return this.opts.webSocketConstructor??D.webSocketConstructor}set webSocketConstructor(i){
this.opts.webSocketConstructor=i}static get wsProxy(){return D.opts.wsProxy??D.defaults.wsProxy}static set wsProxy(i){
D.opts.wsProxy=i}get wsProxy(){return this.opts.wsProxy??D.wsProxy}set wsProxy(i){this.opts.wsProxy=i}static get coalesceWrites(){
return D.opts.coalesceWrites??D.defaults.coalesceWrites}static set coalesceWrites(i){D.opts.coalesceWrites=i}get coalesceWrites(){
return this.opts.coalesceWrites??D.coalesceWrites}set coalesceWrites(i){this.opts.coalesceWrites=i}static get useSecureWebSocket(){
return D.opts.useSecureWebSocket??D.defaults.useSecureWebSocket}static set useSecureWebSocket(i){D.opts.useSecureWebSocket=
i}get useSecureWebSocket(){return this.opts.useSecureWebSocket??D.useSecureWebSocket}set useSecureWebSocket(i){
this.opts.useSecureWebSocket=i}static get forceDisablePgSSL(){return D.opts.forceDisablePgSSL??D.defaults.forceDisablePgSSL}static set forceDisablePgSSL(i){
D.opts.forceDisablePgSSL=i}get forceDisablePgSSL(){return this.opts.forceDisablePgSSL??D.forceDisablePgSSL}set forceDisablePgSSL(i){
this.opts.forceDisablePgSSL=i}static get disableSNI(){return D.opts.disableSNI??D.defaults.disableSNI}static set disableSNI(i){
D.opts.disableSNI=i}get disableSNI(){return this.opts.disableSNI??D.disableSNI}set disableSNI(i){this.opts.disableSNI=
i}static get disableWarningInBrowsers(){return D.opts.disableWarningInBrowsers??D.defaults.disableWarningInBrowsers}static set disableWarningInBrowsers(i){
D.opts.disableWarningInBrowsers=i}get disableWarningInBrowsers(){return this.opts.disableWarningInBrowsers??D.
disableWarningInBrowsers}set disableWarningInBrowsers(i){this.opts.disableWarningInBrowsers=i}static get pipelineConnect(){
return D.opts.pipelineConnect??D.defaults.pipelineConnect}static set pipelineConnect(i){D.opts.pipelineConnect=
i}get pipelineConnect(){return this.opts.pipelineConnect??D.pipelineConnect}set pipelineConnect(i){this.opts.pipelineConnect=
i}static get subtls(){return D.opts.subtls??D.defaults.subtls}static set subtls(i){D.opts.subtls=i}get subtls(){
return this.opts.subtls??D.subtls}set subtls(i){this.opts.subtls=i}static get pipelineTLS(){return D.opts.pipelineTLS??
D.defaults.pipelineTLS}static set pipelineTLS(i){D.opts.pipelineTLS=i}get pipelineTLS(){return this.opts.pipelineTLS??
D.pipelineTLS}set pipelineTLS(i){this.opts.pipelineTLS=i}static get rootCerts(){return D.opts.rootCerts??D.defaults.
rootCerts}static set rootCerts(i){D.opts.rootCerts=i}get rootCerts(){return this.opts.rootCerts??D.rootCerts}set rootCerts(i){
this.opts.rootCerts=i}wsProxyAddrForHost(i,u){let s=this.wsProxy;if(s===void 0)throw new Error("No WebSocket p\
roxy is configured. Please see https://github.com/neondatabase/serverless/blob/main/CONFIG.md#wsproxy-string--\
host-string-port-number--string--string");return typeof s=="function"?s(i,u):`${s}?address=${i}:${u}`}setNoDelay(){
return this}setKeepAlive(){return this}ref(){return this}unref(){return this}connect(i,u,s){this.connecting=!0,
s&&this.once("connect",s);let a=l(()=>{this.connecting=!1,this.pending=!1,this.emit("connect"),this.emit("read\
y")},"handleWebSocketOpen"),n=l((c,b=!1)=>{c.binaryType="arraybuffer",c.addEventListener("error",T=>{this.emit(
"error",T),this.emit("close")}),c.addEventListener("message",T=>{if(this.tlsState===0){let E=K.from(T.data);this.
emit("data",E)}}),c.addEventListener("close",()=>{this.destroyed=!0,this.emit("close")}),b?a():c.addEventListener(
"open",a)},"configureWebSocket"),o;try{o=this.wsProxyAddrForHost(u,typeof i=="string"?parseInt(i,10):i)}catch(c){
this.emit("error",c),this.emit("close");return}try{let c=(this.useSecureWebSocket?"wss:":"ws:")+"//"+o;if(this.
webSocketConstructor!==void 0)this.ws=new this.webSocketConstructor(c),n(this.ws);else try{this.ws=new WebSocket(
c),n(this.ws)}catch{this.ws=new __unstable_WebSocket(c),n(this.ws)}}catch(c){let b=(this.useSecureWebSocket?"h\
ttps:":"http:")+"//"+o;fetch(b,{headers:{Upgrade:"websocket"}}).then(T=>{if(this.ws=T.webSocket,this.ws==null)
throw c;this.ws.accept(),n(this.ws,!0)}).catch(T=>{this.emit("error",new Error(`All attempts to open a WebSock\
et to connect to the database failed. Please refer to https://github.com/neondatabase/serverless/blob/main/CON\
FIG.md#websocketconstructor-typeof-websocket--undefined. Details: ${T}`)),this.emit("close")})}}async startTls(i){
if(this.subtls===void 0)throw new Error("For Postgres SSL connections, you must set `neonConfig.subtls` to the\
 subtls library. See https://github.com/neondatabase/serverless/blob/main/CONFIG.md for more information.");this.
tlsState=1;let u=await this.subtls.TrustedCert.databaseFromPEM(this.rootCerts),s=new this.subtls.WebSocketReadQueue(
this.ws),a=s.read.bind(s),n=this.rawWrite.bind(this),{read:o,write:c}=await this.subtls.startTls(i,u,a,n,{useSNI:!this.
disableSNI,expectPreData:this.pipelineTLS?new Uint8Array([83]):void 0});this.tlsRead=o,this.tlsWrite=c,this.tlsState=
2,this.encrypted=!0,this.authorized=!0,this.emit("secureConnection",this),this.tlsReadLoop().catch(b=>{this.destroyed||
(this.destroyed=!0,this.emit("error",b),this.ws?.close())})}async tlsReadLoop(){for(;;){let i=await this.tlsRead();
if(i===void 0)break;{let u=K.from(i);this.emit("data",u)}}}rawWrite(i){if(!this.coalesceWrites){this.ws&&this.
ws.send(i);return}if(this.writeBuffer===void 0)this.writeBuffer=i,setTimeout(()=>{this.ws&&this.ws.send(this.writeBuffer),
this.writeBuffer=void 0},0);else{let u=new Uint8Array(this.writeBuffer.length+i.length);u.set(this.writeBuffer),
u.set(i,this.writeBuffer.length),this.writeBuffer=u}}write(i,u="utf8",s=a=>{}){return i.length===0?(s(),!0):(typeof i==
"string"&&(i=K.from(i,u)),this.tlsState===0?(this.rawWrite(i),s()):this.tlsState===1?this.once("secureConnecti\
on",()=>{this.write(i,u,s)}):(this.tlsWrite(i),s()),!0)}end(i=K.alloc(0),u="utf8",s=()=>{}){return this.write(
i,u,()=>{this.ws?.close(),s()}),this}destroy(){return this.destroyed=!0,this.end()}},U(ye,"defaults",{poolQueryViaFetch:!1,
fetchEndpoint:l((y,i,u)=>{let s;return u?.jwtAuth?s=y.replace(Oe,"apiauth."):s=y.replace(Oe,"api."),"https://"+
s+"/sql"},"fetchEndpoint"),fetchConnectionCache:!0,fetchFunction:void 0,webSocketConstructor:void 0,wsProxy:l(
y=>y+"/v2","wsProxy"),useSecureWebSocket:!0,forceDisablePgSSL:!0,coalesceWrites:!0,pipelineConnect:"password",
subtls:void 0,rootCerts:"",pipelineTLS:!1,disableSNI:!1,disableWarningInBrowsers:!1}),U(ye,"opts",{}),be=ye}),
tt=H(y=>{"use strict";Q(),y.parse=function(a,n){return new u(a,n).parse()};var i=class rt{constructor(n,o){this.
source=n,this.transform=o||s,this.position=0,this.entries=[],this.recorded=[],this.dimension=0}isEof(){return this.
position>=this.source.length}nextCharacter(){var n=this.source[this.position++];return n==="\\"?{value:this.source[this.
position++],escaped:!0}:{value:n,escaped:!1}}record(n){this.recorded.push(n)}newEntry(n){var o;(this.recorded.
length>0||n)&&(o=this.recorded.join(""),o==="NULL"&&!n&&(o=null),o!==null&&(o=this.transform(o)),this.entries.
push(o),this.recorded=[])}consumeDimensions(){if(this.source[0]==="[")for(;!this.isEof();){var n=this.nextCharacter();
if(n.value==="=")break}}parse(n){var o,c,b;for(this.consumeDimensions();!this.isEof();)if(o=this.nextCharacter(),
o.value==="{"&&!b)this.dimension++,this.dimension>1&&(c=new rt(this.source.substr(this.position-1),this.transform),
this.entries.push(c.parse(!0)),this.position+=c.position-2);else if(o.value==="}"&&!b){if(this.dimension--,!this.
dimension&&(this.newEntry(),n))return this.entries}else o.value==='"'&&!o.escaped?(b&&this.newEntry(!0),b=!b):
o.value===","&&!b?this.newEntry():this.record(o.value);if(this.dimension!==0)throw new Error("array dimension \
not balanced");return this.entries}},u=i;function s(a){return a}}),nt=H((y,i)=>{Q();var u=tt();i.exports={create:l(
function(s,a){return{parse:l(function(){return u.parse(s,a)},"parse")}},"create")}}),kt=H((y,i)=>{"use strict";
Q();var u=/(\d{1,})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d{1,})?.*?( BC)?$/,s=/^(\d{1,})-(\d{2})-(\d{2})( BC)?$/,
a=/([Z+-])(\d{2})?:?(\d{2})?:?(\d{2})?/,n=/^-?infinity$/;i.exports=l(function(E){if(n.test(E))return Number(E.
replace("i","I"));var L=u.exec(E);if(!L)return o(E)||null;var _=!!L[8],P=parseInt(L[1],10);_&&(P=b(P));var f=parseInt(
L[2],10)-1,d=L[3],A=parseInt(L[4],10),B=parseInt(L[5],10),x=parseInt(L[6],10),w=L[7];w=w?1e3*parseFloat(w):0;var M,
O=c(E);return O!=null?(M=new Date(Date.UTC(P,f,d,A,B,x,w)),T(P)&&M.setUTCFullYear(P),O!==0&&M.setTime(M.getTime()-
O)):(M=new Date(P,f,d,A,B,x,w),T(P)&&M.setFullYear(P)),M},"parseDate");function o(E){var L=s.exec(E);if(L){var _=parseInt(
L[1],10),P=!!L[4];P&&(_=b(_));var f=parseInt(L[2],10)-1,d=L[3],A=new Date(_,f,d);return T(_)&&A.setFullYear(_),
A}}function c(E){if(E.endsWith("+00"))return 0;var L=a.exec(E.split(" ")[1]);if(L){var _=L[1];if(_==="Z")return 0;
var P=_==="-"?-1:1,f=parseInt(L[2],10)*3600+parseInt(L[3]||0,10)*60+parseInt(L[4]||0,10);return f*P*1e3}}function b(E){
return-(E-1)}function T(E){return E>=0&&E<100}}),Bt=H((y,i)=>{Q(),i.exports=s;var u=Object.prototype.hasOwnProperty;
function s(a){for(var n=1;n<arguments.length;n++){var o=arguments[n];for(var c in o)u.call(o,c)&&(a[c]=o[c])}return a}}),
Mt=H((y,i)=>{"use strict";Q();var u=Bt();i.exports=s;function s(x){if(!(this instanceof s))return new s(x);u(this,
B(x))}var a=["seconds","minutes","hours","days","months","years"];s.prototype.toPostgres=function(){var x=a.filter(
this.hasOwnProperty,this);return this.milliseconds&&x.indexOf("seconds")<0&&x.push("seconds"),x.length===0?"0":
x.map(function(w){var M=this[w]||0;return w==="seconds"&&this.milliseconds&&(M=(M+this.milliseconds/1e3).toFixed(
6).replace(/\.?0+$/,"")),M+" "+w},this).join(" ")};var n={years:"Y",months:"M",days:"D",hours:"H",minutes:"M",
seconds:"S"},o=["years","months","days"],c=["hours","minutes","seconds"];s.prototype.toISOString=s.prototype.toISO=
function(){var x=o.map(M,this).join(""),w=c.map(M,this).join("");return"P"+x+"T"+w;function M(O){var m=this[O]||
0;return O==="seconds"&&this.milliseconds&&(m=(m+this.milliseconds/1e3).toFixed(6).replace(/0+$/,"")),m+n[O]}};
var b="([+-]?\\d+)",T=b+"\\s+years?",E=b+"\\s+mons?",L=b+"\\s+days?",_="([+-])?([\\d]*):(\\d\\d):(\\d\\d)\\.?(\\d{1,6\
})?",P=new RegExp([T,E,L,_].map(function(x){return"("+x+")?"}).join("\\s*")),f={years:2,months:4,days:6,hours:9,
minutes:10,seconds:11,milliseconds:12},d=["hours","minutes","seconds","milliseconds"];function A(x){var w=x+"0\
00000".slice(x.length);return parseInt(w,10)/1e3}function B(x){if(!x)return{};var w=P.exec(x),M=w[8]==="-";return Object.
keys(f).reduce(function(O,m){var C=f[m],S=w[C];return!S||(S=m==="milliseconds"?A(S):parseInt(S,10),!S)||(M&&~d.
indexOf(m)&&(S*=-1),O[m]=S),O},{})}}),Ot=H((y,i)=>{"use strict";Q();var u=K.from||K;i.exports=l(function(s){if(/^\\x/.
test(s))return u(s.substr(2),"hex");for(var a="",n=0;n<s.length;)if(s[n]!=="\\")a+=s[n],++n;else if(/[0-7]{3}/.
test(s.substr(n+1,3)))a+=String.fromCharCode(parseInt(s.substr(n+1,3),8)),n+=4;else{for(var o=1;n+o<s.length&&
s[n+o]==="\\";)o++;for(var c=0;c<Math.floor(o/2);++c)a+="\\";n+=Math.floor(o/2)*2}return u(a,"binary")},"parse\
Bytea")}),Dt=H((y,i)=>{Q();var u=tt(),s=nt(),a=kt(),n=Mt(),o=Ot();function c(p){return l(function(I){return I===
null?I:p(I)},"nullAllowed")}function b(p){return p===null?p:p==="TRUE"||p==="t"||p==="true"||p==="y"||p==="yes"||
p==="on"||p==="1"}l(b,"parseBool");function T(p){return p?u.parse(p,b):null}function E(p){return parseInt(p,10)}
function L(p){return p?u.parse(p,c(E)):null}function _(p){return p?u.parse(p,c(function(I){return M(I).trim()})):
null}var P=l(function(p){if(!p)return null;var I=s.create(p,function(R){return R!==null&&(R=m(R)),R});return I.
parse()},"parsePointArray"),f=l(function(p){if(!p)return null;var I=s.create(p,function(R){return R!==null&&(R=
parseFloat(R)),R});return I.parse()},"parseFloatArray"),d=l(function(p){if(!p)return null;var I=s.create(p);return I.
parse()},"parseStringArray"),A=l(function(p){if(!p)return null;var I=s.create(p,function(R){return R!==null&&(R=
a(R)),R});return I.parse()},"parseDateArray"),B=l(function(p){if(!p)return null;var I=s.create(p,function(R){return R!==
null&&(R=n(R)),R});return I.parse()},"parseIntervalArray"),x=l(function(p){return p?u.parse(p,c(o)):null},"par\
seByteAArray"),w=l(function(p){return parseInt(p,10)},"parseInteger"),M=l(function(p){var I=String(p);return/^\d+$/.
test(I)?I:p},"parseBigInteger"),O=l(function(p){return p?u.parse(p,c(JSON.parse)):null},"parseJsonArray"),m=l(
function(p){return p[0]!=="("?null:(p=p.substring(1,p.length-1).split(","),{x:parseFloat(p[0]),y:parseFloat(p[1])})},
"parsePoint"),C=l(function(p){if(p[0]!=="<"&&p[1]!=="(")return null;for(var I="(",R="",N=!1,F=2;F<p.length-1;F++){
if(N||(I+=p[F]),p[F]===")"){N=!0;continue}else if(!N)continue;p[F]!==","&&(R+=p[F])}var J=m(I);return J.radius=
parseFloat(R),J},"parseCircle"),S=l(function(p){p(20,M),p(21,w),p(23,w),p(26,w),p(700,parseFloat),p(701,parseFloat),
p(16,b),p(1082,a),p(1114,a),p(1184,a),p(600,m),p(651,d),p(718,C),p(1e3,T),p(1001,x),p(1005,L),p(1007,L),p(1028,
L),p(1016,_),p(1017,P),p(1021,f),p(1022,f),p(1231,f),p(1014,d),p(1015,d),p(1008,d),p(1009,d),p(1040,d),p(1041,
d),p(1115,A),p(1182,A),p(1185,A),p(1186,n),p(1187,B),p(17,o),p(114,JSON.parse.bind(JSON)),p(3802,JSON.parse.bind(
JSON)),p(199,O),p(3807,O),p(3907,d),p(2951,d),p(791,d),p(1183,d),p(1270,d)},"init");i.exports={init:S}}),Ut=H(
(y,i)=>{"use strict";Q();var u=1e6;function s(a){var n=a.readInt32BE(0),o=a.readUInt32BE(4),c="";n<0&&(n=~n+(o===
0),o=~o+1>>>0,c="-");var b="",T,E,L,_,P,f;{if(T=n%u,n=n/u>>>0,E=4294967296*T+o,o=E/u>>>0,L=""+(E-u*o),o===0&&n===
0)return c+L+b;for(_="",P=6-L.length,f=0;f<P;f++)_+="0";b=_+L+b}{if(T=n%u,n=n/u>>>0,E=4294967296*T+o,o=E/u>>>0,
L=""+(E-u*o),o===0&&n===0)return c+L+b;for(_="",P=6-L.length,f=0;f<P;f++)_+="0";b=_+L+b}{if(T=n%u,n=n/u>>>0,E=
4294967296*T+o,o=E/u>>>0,L=""+(E-u*o),o===0&&n===0)return c+L+b;for(_="",P=6-L.length,f=0;f<P;f++)_+="0";b=_+L+
b}return T=n%u,E=4294967296*T+o,L=""+E%u,c+L+b}i.exports=s}),Nt=H((y,i)=>{Q();var u=Ut(),s=l(function(d,A,B,x,w){
B=B||0,x=x||!1,w=w||function(N,F,J){return N*Math.pow(2,J)+F};var M=B>>3,O=l(function(N){return x?~N&255:N},"i\
nv"),m=255,C=8-B%8;A<C&&(m=255<<8-A&255,C=A),B&&(m=m>>B%8);var S=0;B%8+A>=8&&(S=w(0,O(d[M])&m,C));for(var p=A+
B>>3,I=M+1;I<p;I++)S=w(S,O(d[I]),8);var R=(A+B)%8;return R>0&&(S=w(S,O(d[p])>>8-R,R)),S},"parseBits"),a=l(function(d,A,B){
var x=Math.pow(2,B-1)-1,w=s(d,1),M=s(d,B,1);if(M===0)return 0;var O=1,m=l(function(S,p,I){S===0&&(S=1);for(var R=1;R<=
I;R++)O/=2,(p&1<<I-R)>0&&(S+=O);return S},"parsePrecisionBits"),C=s(d,A,B+1,!1,m);return M==Math.pow(2,B+1)-1?
C===0?w===0?1/0:-1/0:NaN:(w===0?1:-1)*Math.pow(2,M-x)*C},"parseFloatFromBits"),n=l(function(d){return s(d,1)==
1?-1*(s(d,15,1,!0)+1):s(d,15,1)},"parseInt16"),o=l(function(d){return s(d,1)==1?-1*(s(d,31,1,!0)+1):s(d,31,1)},
"parseInt32"),c=l(function(d){return a(d,23,8)},"parseFloat32"),b=l(function(d){return a(d,52,11)},"parseFloat\
64"),T=l(function(d){var A=s(d,16,32);if(A==49152)return NaN;for(var B=Math.pow(1e4,s(d,16,16)),x=0,w=[],M=s(d,
16),O=0;O<M;O++)x+=s(d,16,64+16*O)*B,B/=1e4;var m=Math.pow(10,s(d,16,48));return(A===0?1:-1)*Math.round(x*m)/m},
"parseNumeric"),E=l(function(d,A){var B=s(A,1),x=s(A,63,1),w=new Date((B===0?1:-1)*x/1e3+9466848e5);return d||
w.setTime(w.getTime()+w.getTimezoneOffset()*6e4),w.usec=x%1e3,w.getMicroSeconds=function(){return this.usec},w.
setMicroSeconds=function(M){this.usec=M},w.getUTCMicroSeconds=function(){return this.usec},w},"parseDate"),L=l(
function(d){for(var A=s(d,32),B=s(d,32,32),x=s(d,32,64),w=96,M=[],O=0;O<A;O++)M[O]=s(d,32,w),w+=32,w+=32;var m=l(
function(S){var p=s(d,32,w);if(w+=32,p==4294967295)return null;var I;if(S==23||S==20)return I=s(d,p*8,w),w+=p*
8,I;if(S==25)return I=d.toString(this.encoding,w>>3,(w+=p<<3)>>3),I;console.log("ERROR: ElementType not implem\
ented: "+S)},"parseElement"),C=l(function(S,p){var I=[],R;if(S.length>1){var N=S.shift();for(R=0;R<N;R++)I[R]=
C(S,p);S.unshift(N)}else for(R=0;R<S[0];R++)I[R]=m(p);return I},"parse");return C(M,x)},"parseArray"),_=l(function(d){
return d.toString("utf8")},"parseText"),P=l(function(d){return d===null?null:s(d,8)>0},"parseBool"),f=l(function(d){
d(20,u),d(21,n),d(23,o),d(26,o),d(1700,T),d(700,c),d(701,b),d(16,P),d(1114,E.bind(null,!1)),d(1184,E.bind(null,
!0)),d(1e3,L),d(1007,L),d(1016,L),d(1008,L),d(1009,L),d(25,_)},"init");i.exports={init:f}}),Ft=H((y,i)=>{Q(),i.
exports={BOOL:16,BYTEA:17,CHAR:18,INT8:20,INT2:21,INT4:23,REGPROC:24,TEXT:25,OID:26,TID:27,XID:28,CID:29,JSON:114,
XML:142,PG_NODE_TREE:194,SMGR:210,PATH:602,POLYGON:604,CIDR:650,FLOAT4:700,FLOAT8:701,ABSTIME:702,RELTIME:703,
TINTERVAL:704,CIRCLE:718,MACADDR8:774,MONEY:790,MACADDR:829,INET:869,ACLITEM:1033,BPCHAR:1042,VARCHAR:1043,DATE:1082,
TIME:1083,TIMESTAMP:1114,TIMESTAMPTZ:1184,INTERVAL:1186,TIMETZ:1266,BIT:1560,VARBIT:1562,NUMERIC:1700,REFCURSOR:1790,
REGPROCEDURE:2202,REGOPER:2203,REGOPERATOR:2204,REGCLASS:2205,REGTYPE:2206,UUID:2950,TXID_SNAPSHOT:2970,PG_LSN:3220,
PG_NDISTINCT:3361,PG_DEPENDENCIES:3402,TSVECTOR:3614,TSQUERY:3615,GTSVECTOR:3642,REGCONFIG:3734,REGDICTIONARY:3769,
JSONB:3802,REGNAMESPACE:4089,REGROLE:4096}}),Ne=H(y=>{Q();var i=Dt(),u=Nt(),s=nt(),a=Ft();y.getTypeParser=c,y.
setTypeParser=b,y.arrayParser=s,y.builtins=a;var n={text:{},binary:{}};function o(T){return String(T)}function c(T,E){
return E=E||"text",n[E]&&n[E][T]||o}function b(T,E,L){typeof E=="function"&&(L=E,E="text"),n[E][T]=L}i.init(function(T,E){
n.text[T]=E}),u.init(function(T,E){n.binary[T]=E})}),Qt=H((y,i)=>{"use strict";Q();var u=Ne();function s(a){this.
_types=a||u,this.text={},this.binary={}}s.prototype.getOverrides=function(a){switch(a){case"text":return this.
text;case"binary":return this.binary;default:return{}}},s.prototype.setTypeParser=function(a,n,o){typeof n=="f\
unction"&&(o=n,n="text"),this.getOverrides(n)[a]=o},s.prototype.getTypeParser=function(a,n){return n=n||"text",
this.getOverrides(n)[a]||this._types.getTypeParser(a,n)},i.exports=s});function me(y){let i=1779033703,u=3144134277,
s=1013904242,a=2773480762,n=1359893119,o=2600822924,c=528734635,b=1541459225,T=0,E=0,L=[1116352408,1899447441,
3049323471,3921009573,961987163,1508970993,2453635748,2870763221,3624381080,310598401,607225278,1426881987,1925078388,
2162078206,2614888103,3248222580,3835390401,4022224774,264347078,604807628,770255983,1249150122,1555081692,1996064986,
2554220882,2821834349,2952996808,3210313671,3336571891,3584528711,113926993,338241895,666307205,773529912,1294757372,
1396182291,1695183700,1986661051,2177026350,2456956037,2730485921,2820302411,3259730800,3345764771,3516065817,
3600352804,4094571909,275423344,430227734,506948616,659060556,883997877,958139571,1322822218,1537002063,1747873779,
1955562222,2024104815,2227730452,2361852424,2428436474,2756734187,3204031479,3329325298],_=l((x,w)=>x>>>w|x<<32-
w,"rrot"),P=new Uint32Array(64),f=new Uint8Array(64),d=l(()=>{for(let I=0,R=0;I<16;I++,R+=4)P[I]=f[R]<<24|f[R+
1]<<16|f[R+2]<<8|f[R+3];for(let I=16;I<64;I++){let R=_(P[I-15],7)^_(P[I-15],18)^P[I-15]>>>3,N=_(P[I-2],17)^_(P[I-
2],19)^P[I-2]>>>10;P[I]=P[I-16]+R+P[I-7]+N|0}let x=i,w=u,M=s,O=a,m=n,C=o,S=c,p=b;for(let I=0;I<64;I++){let R=_(
m,6)^_(m,11)^_(m,25),N=m&C^~m&S,F=p+R+N+L[I]+P[I]|0,J=_(x,2)^_(x,13)^_(x,22),X=x&w^x&M^w&M,Z=J+X|0;p=S,S=C,C=m,
m=O+F|0,O=M,M=w,w=x,x=F+Z|0}i=i+x|0,u=u+w|0,s=s+M|0,a=a+O|0,n=n+m|0,o=o+C|0,c=c+S|0,b=b+p|0,E=0},"process"),A=l(
x=>{typeof x=="string"&&(x=new TextEncoder().encode(x));for(let w=0;w<x.length;w++)f[E++]=x[w],E===64&&d();T+=
x.length},"add"),B=l(()=>{if(f[E++]=128,E==64&&d(),E+8>64){for(;E<64;)f[E++]=0;d()}for(;E<58;)f[E++]=0;let x=T*
8;f[E++]=x/1099511627776&255,f[E++]=x/4294967296&255,f[E++]=x>>>24,f[E++]=x>>>16&255,f[E++]=x>>>8&255,f[E++]=x&
255,d();let w=new Uint8Array(32);return w[0]=i>>>24,w[1]=i>>>16&255,w[2]=i>>>8&255,w[3]=i&255,w[4]=u>>>24,w[5]=
u>>>16&255,w[6]=u>>>8&255,w[7]=u&255,w[8]=s>>>24,w[9]=s>>>16&255,w[10]=s>>>8&255,w[11]=s&255,w[12]=a>>>24,w[13]=
a>>>16&255,w[14]=a>>>8&255,w[15]=a&255,w[16]=n>>>24,w[17]=n>>>16&255,w[18]=n>>>8&255,w[19]=n&255,w[20]=o>>>24,
w[21]=o>>>16&255,w[22]=o>>>8&255,w[23]=o&255,w[24]=c>>>24,w[25]=c>>>16&255,w[26]=c>>>8&255,w[27]=c&255,w[28]=b>>>
24,w[29]=b>>>16&255,w[30]=b>>>8&255,w[31]=b&255,w},"digest");return y===void 0?{add:A,digest:B}:(A(y),B())}var qt=we(
()=>{"use strict";Q()}),ae,De,jt=we(()=>{"use strict";Q(),ae=class ee{constructor(){U(this,"_dataLength",0),U(
this,"_bufferLength",0),U(this,"_state",new Int32Array(4)),U(this,"_buffer",new ArrayBuffer(68)),U(this,"_buff\
er8"),U(this,"_buffer32"),this._buffer8=new Uint8Array(this._buffer,0,68),this._buffer32=new Uint32Array(this.
_buffer,0,17),this.start()}static hashByteArray(i,u=!1){return this.onePassHasher.start().appendByteArray(i).end(
u)}static hashStr(i,u=!1){return this.onePassHasher.start().appendStr(i).end(u)}static hashAsciiStr(i,u=!1){return this.
onePassHasher.start().appendAsciiStr(i).end(u)}static _hex(i){let u=ee.hexChars,s=ee.hexOut,a,n,o,c;for(c=0;c<
4;c+=1)for(n=c*8,a=i[c],o=0;o<8;o+=2)s[n+1+o]=u.charAt(a&15),a>>>=4,s[n+0+o]=u.charAt(a&15),a>>>=4;return s.join(
"")}static _md5cycle(i,u){let s=i[0],a=i[1],n=i[2],o=i[3];s+=(a&n|~a&o)+u[0]-680876936|0,s=(s<<7|s>>>25)+a|0,o+=
(s&a|~s&n)+u[1]-389564586|0,o=(o<<12|o>>>20)+s|0,n+=(o&s|~o&a)+u[2]+606105819|0,n=(n<<17|n>>>15)+o|0,a+=(n&o|~n&
s)+u[3]-1044525330|0,a=(a<<22|a>>>10)+n|0,s+=(a&n|~a&o)+u[4]-176418897|0,s=(s<<7|s>>>25)+a|0,o+=(s&a|~s&n)+u[5]+
1200080426|0,o=(o<<12|o>>>20)+s|0,n+=(o&s|~o&a)+u[6]-1473231341|0,n=(n<<17|n>>>15)+o|0,a+=(n&o|~n&s)+u[7]-45705983|
0,a=(a<<22|a>>>10)+n|0,s+=(a&n|~a&o)+u[8]+1770035416|0,s=(s<<7|s>>>25)+a|0,o+=(s&a|~s&n)+u[9]-1958414417|0,o=(o<<
12|o>>>20)+s|0,n+=(o&s|~o&a)+u[10]-42063|0,n=(n<<17|n>>>15)+o|0,a+=(n&o|~n&s)+u[11]-1990404162|0,a=(a<<22|a>>>
10)+n|0,s+=(a&n|~a&o)+u[12]+1804603682|0,s=(s<<7|s>>>25)+a|0,o+=(s&a|~s&n)+u[13]-40341101|0,o=(o<<12|o>>>20)+s|
0,n+=(o&s|~o&a)+u[14]-1502002290|0,n=(n<<17|n>>>15)+o|0,a+=(n&o|~n&s)+u[15]+1236535329|0,a=(a<<22|a>>>10)+n|0,
s+=(a&o|n&~o)+u[1]-165796510|0,s=(s<<5|s>>>27)+a|0,o+=(s&n|a&~n)+u[6]-1069501632|0,o=(o<<9|o>>>23)+s|0,n+=(o&a|
s&~a)+u[11]+643717713|0,n=(n<<14|n>>>18)+o|0,a+=(n&s|o&~s)+u[0]-373897302|0,a=(a<<20|a>>>12)+n|0,s+=(a&o|n&~o)+
u[5]-701558691|0,s=(s<<5|s>>>27)+a|0,o+=(s&n|a&~n)+u[10]+38016083|0,o=(o<<9|o>>>23)+s|0,n+=(o&a|s&~a)+u[15]-660478335|
0,n=(n<<14|n>>>18)+o|0,a+=(n&s|o&~s)+u[4]-405537848|0,a=(a<<20|a>>>12)+n|0,s+=(a&o|n&~o)+u[9]+568446438|0,s=(s<<
5|s>>>27)+a|0,o+=(s&n|a&~n)+u[14]-1019803690|0,o=(o<<9|o>>>23)+s|0,n+=(o&a|s&~a)+u[3]-187363961|0,n=(n<<14|n>>>
18)+o|0,a+=(n&s|o&~s)+u[8]+1163531501|0,a=(a<<20|a>>>12)+n|0,s+=(a&o|n&~o)+u[13]-1444681467|0,s=(s<<5|s>>>27)+
a|0,o+=(s&n|a&~n)+u[2]-51403784|0,o=(o<<9|o>>>23)+s|0,n+=(o&a|s&~a)+u[7]+1735328473|0,n=(n<<14|n>>>18)+o|0,a+=
(n&s|o&~s)+u[12]-1926607734|0,a=(a<<20|a>>>12)+n|0,s+=(a^n^o)+u[5]-378558|0,s=(s<<4|s>>>28)+a|0,o+=(s^a^n)+u[8]-
2022574463|0,o=(o<<11|o>>>21)+s|0,n+=(o^s^a)+u[11]+1839030562|0,n=(n<<16|n>>>16)+o|0,a+=(n^o^s)+u[14]-35309556|
0,a=(a<<23|a>>>9)+n|0,s+=(a^n^o)+u[1]-1530992060|0,s=(s<<4|s>>>28)+a|0,o+=(s^a^n)+u[4]+1272893353|0,o=(o<<11|o>>>
21)+s|0,n+=(o^s^a)+u[7]-155497632|0,n=(n<<16|n>>>16)+o|0,a+=(n^o^s)+u[10]-1094730640|0,a=(a<<23|a>>>9)+n|0,s+=
(a^n^o)+u[13]+681279174|0,s=(s<<4|s>>>28)+a|0,o+=(s^a^n)+u[0]-358537222|0,o=(o<<11|o>>>21)+s|0,n+=(o^s^a)+u[3]-
722521979|0,n=(n<<16|n>>>16)+o|0,a+=(n^o^s)+u[6]+76029189|0,a=(a<<23|a>>>9)+n|0,s+=(a^n^o)+u[9]-640364487|0,s=
(s<<4|s>>>28)+a|0,o+=(s^a^n)+u[12]-421815835|0,o=(o<<11|o>>>21)+s|0,n+=(o^s^a)+u[15]+530742520|0,n=(n<<16|n>>>
16)+o|0,a+=(n^o^s)+u[2]-995338651|0,a=(a<<23|a>>>9)+n|0,s+=(n^(a|~o))+u[0]-198630844|0,s=(s<<6|s>>>26)+a|0,o+=
(a^(s|~n))+u[7]+1126891415|0,o=(o<<10|o>>>22)+s|0,n+=(s^(o|~a))+u[14]-1416354905|0,n=(n<<15|n>>>17)+o|0,a+=(o^
(n|~s))+u[5]-57434055|0,a=(a<<21|a>>>11)+n|0,s+=(n^(a|~o))+u[12]+1700485571|0,s=(s<<6|s>>>26)+a|0,o+=(a^(s|~n))+
u[3]-1894986606|0,o=(o<<10|o>>>22)+s|0,n+=(s^(o|~a))+u[10]-1051523|0,n=(n<<15|n>>>17)+o|0,a+=(o^(n|~s))+u[1]-2054922799|
0,a=(a<<21|a>>>11)+n|0,s+=(n^(a|~o))+u[8]+1873313359|0,s=(s<<6|s>>>26)+a|0,o+=(a^(s|~n))+u[15]-30611744|0,o=(o<<
10|o>>>22)+s|0,n+=(s^(o|~a))+u[6]-1560198380|0,n=(n<<15|n>>>17)+o|0,a+=(o^(n|~s))+u[13]+1309151649|0,a=(a<<21|
a>>>11)+n|0,s+=(n^(a|~o))+u[4]-145523070|0,s=(s<<6|s>>>26)+a|0,o+=(a^(s|~n))+u[11]-1120210379|0,o=(o<<10|o>>>22)+
s|0,n+=(s^(o|~a))+u[2]+718787259|0,n=(n<<15|n>>>17)+o|0,a+=(o^(n|~s))+u[9]-343485551|0,a=(a<<21|a>>>11)+n|0,i[0]=
s+i[0]|0,i[1]=a+i[1]|0,i[2]=n+i[2]|0,i[3]=o+i[3]|0}start(){return this._dataLength=0,this._bufferLength=0,this.
_state.set(ee.stateIdentity),this}appendStr(i){let u=this._buffer8,s=this._buffer32,a=this._bufferLength,n,o;for(o=
0;o<i.length;o+=1){if(n=i.charCodeAt(o),n<128)u[a++]=n;else if(n<2048)u[a++]=(n>>>6)+192,u[a++]=n&63|128;else if(n<
55296||n>56319)u[a++]=(n>>>12)+224,u[a++]=n>>>6&63|128,u[a++]=n&63|128;else{if(n=(n-55296)*1024+(i.charCodeAt(
++o)-56320)+65536,n>1114111)throw new Error("Unicode standard supports code points up to U+10FFFF");u[a++]=(n>>>
18)+240,u[a++]=n>>>12&63|128,u[a++]=n>>>6&63|128,u[a++]=n&63|128}a>=64&&(this._dataLength+=64,ee._md5cycle(this.
_state,s),a-=64,s[0]=s[16])}return this._bufferLength=a,this}appendAsciiStr(i){let u=this._buffer8,s=this._buffer32,
a=this._bufferLength,n,o=0;for(;;){for(n=Math.min(i.length-o,64-a);n--;)u[a++]=i.charCodeAt(o++);if(a<64)break;
this._dataLength+=64,ee._md5cycle(this._state,s),a=0}return this._bufferLength=a,this}appendByteArray(i){let u=this.
_buffer8,s=this._buffer32,a=this._bufferLength,n,o=0;for(;;){for(n=Math.min(i.length-o,64-a);n--;)u[a++]=i[o++];
if(a<64)break;this._dataLength+=64,ee._md5cycle(this._state,s),a=0}return this._bufferLength=a,this}getState(){
let i=this._state;return{buffer:String.fromCharCode.apply(null,Array.from(this._buffer8)),buflen:this._bufferLength,
length:this._dataLength,state:[i[0],i[1],i[2],i[3]]}}setState(i){let u=i.buffer,s=i.state,a=this._state,n;for(this.
_dataLength=i.length,this._bufferLength=i.buflen,a[0]=s[0],a[1]=s[1],a[2]=s[2],a[3]=s[3],n=0;n<u.length;n+=1)this.
_buffer8[n]=u.charCodeAt(n)}end(i=!1){let u=this._bufferLength,s=this._buffer8,a=this._buffer32,n=(u>>2)+1;this.
_dataLength+=u;let o=this._dataLength*8;if(s[u]=128,s[u+1]=s[u+2]=s[u+3]=0,a.set(ee.buffer32Identity.subarray(
n),n),u>55&&(ee._md5cycle(this._state,a),a.set(ee.buffer32Identity)),o<=4294967295)a[14]=o;else{let c=o.toString(
16).match(/(.*?)(.{0,8})$/);if(c===null)return;let b=parseInt(c[2],16),T=parseInt(c[1],16)||0;a[14]=b,a[15]=T}
return ee._md5cycle(this._state,a),i?this._state:ee._hex(this._state)}},U(ae,"stateIdentity",new Int32Array([1732584193,
-271733879,-1732584194,271733878])),U(ae,"buffer32Identity",new Int32Array([0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0])),
U(ae,"hexChars","0123456789abcdef"),U(ae,"hexOut",[]),U(ae,"onePassHasher",new ae),De=ae}),st={};ne(st,{createHash:()=>ot,
createHmac:()=>at,randomBytes:()=>it});function it(y){return crypto.getRandomValues(K.alloc(y))}function ot(y){
if(y==="sha256")return{update:l(function(i){return{digest:l(function(){return K.from(me(i))},"digest")}},"upda\
te")};if(y==="md5")return{update:l(function(i){return{digest:l(function(){return typeof i=="string"?De.hashStr(
i):De.hashByteArray(i)},"digest")}},"update")};throw new Error(`Hash type '${y}' not supported`)}function at(y,i){
if(y!=="sha256")throw new Error(`Only sha256 is supported (requested: '${y}')`);return{update:l(function(u){return{
digest:l(function(){typeof i=="string"&&(i=new TextEncoder().encode(i)),typeof u=="string"&&(u=new TextEncoder().
encode(u));let s=i.length;if(s>64)i=me(i);else if(s<64){let b=new Uint8Array(64);b.set(i),i=b}let a=new Uint8Array(
64),n=new Uint8Array(64);for(let b=0;b<64;b++)a[b]=54^i[b],n[b]=92^i[b];let o=new Uint8Array(u.length+64);o.set(
a,0),o.set(u,64);let c=new Uint8Array(96);return c.set(n,0),c.set(me(o),64),K.from(me(c))},"digest")}},"update")}}
var Wt=we(()=>{"use strict";Q(),qt(),jt()}),$t=H((y,i)=>{"use strict";Q(),i.exports={host:"localhost",user:ue.
platform==="win32"?ue.env.USERNAME:ue.env.USER,database:void 0,password:null,connectionString:void 0,port:5432,
rows:0,binary:!1,max:10,idleTimeoutMillis:3e4,client_encoding:"",ssl:!1,application_name:void 0,fallback_application_name:void 0,
options:void 0,parseInputDatesAsUTC:!1,statement_timeout:!1,lock_timeout:!1,idle_in_transaction_session_timeout:!1,
query_timeout:!1,connect_timeout:0,keepalives:1,keepalives_idle:0};var u=Ne(),s=u.getTypeParser(20,"text"),a=u.
getTypeParser(1016,"text");i.exports.__defineSetter__("parseInt8",function(n){u.setTypeParser(20,"text",n?u.getTypeParser(
23,"text"):s),u.setTypeParser(1016,"text",n?u.getTypeParser(1007,"text"):a)})}),Gt=H((y,i)=>{"use strict";Q();
var u=(Wt(),St(st)),s=$t();function a(f){var d=f.replace(/\\/g,"\\\\").replace(/"/g,'\\"');return'"'+d+'"'}function n(f){
for(var d="{",A=0;A<f.length;A++)A>0&&(d=d+","),f[A]===null||typeof f[A]>"u"?d=d+"NULL":Array.isArray(f[A])?d=
d+n(f[A]):f[A]instanceof K?d+="\\\\x"+f[A].toString("hex"):d+=a(o(f[A]));return d=d+"}",d}var o=l(function(f,d){
if(f==null)return null;if(f instanceof K)return f;if(ArrayBuffer.isView(f)){var A=K.from(f.buffer,f.byteOffset,
f.byteLength);return A.length===f.byteLength?A:A.slice(f.byteOffset,f.byteOffset+f.byteLength)}return f instanceof
Date?s.parseInputDatesAsUTC?E(f):T(f):Array.isArray(f)?n(f):typeof f=="object"?c(f,d):f.toString()},"prepareVa\
lue");function c(f,d){if(f&&typeof f.toPostgres=="function"){if(d=d||[],d.indexOf(f)!==-1)throw new Error('cir\
cular reference detected while preparing "'+f+'" for query');return d.push(f),o(f.toPostgres(o),d)}return JSON.
stringify(f)}function b(f,d){for(f=""+f;f.length<d;)f="0"+f;return f}function T(f){var d=-f.getTimezoneOffset(),
A=f.getFullYear(),B=A<1;B&&(A=Math.abs(A)+1);var x=b(A,4)+"-"+b(f.getMonth()+1,2)+"-"+b(f.getDate(),2)+"T"+b(f.
getHours(),2)+":"+b(f.getMinutes(),2)+":"+b(f.getSeconds(),2)+"."+b(f.getMilliseconds(),3);return d<0?(x+="-",
d*=-1):x+="+",x+=b(Math.floor(d/60),2)+":"+b(d%60,2),B&&(x+=" BC"),x}function E(f){var d=f.getUTCFullYear(),A=d<
1;A&&(d=Math.abs(d)+1);var B=b(d,4)+"-"+b(f.getUTCMonth()+1,2)+"-"+b(f.getUTCDate(),2)+"T"+b(f.getUTCHours(),2)+
":"+b(f.getUTCMinutes(),2)+":"+b(f.getUTCSeconds(),2)+"."+b(f.getUTCMilliseconds(),3);return B+="+00:00",A&&(B+=
" BC"),B}function L(f,d,A){return f=typeof f=="string"?{text:f}:f,d&&(typeof d=="function"?f.callback=d:f.values=
d),A&&(f.callback=A),f}var _=l(function(f){return u.createHash("md5").update(f,"utf-8").digest("hex")},"md5"),
P=l(function(f,d,A){var B=_(d+f),x=_(K.concat([K.from(B),A]));return"md5"+x},"postgresMd5PasswordHash");i.exports=
{prepareValue:l(function(f){return o(f)},"prepareValueWrapper"),normalizeQueryConfig:L,postgresMd5PasswordHash:P,
md5:_}}),Vt={};ne(Vt,{default:()=>Ht});var Ht;var zt={};ne(zt,{join:()=>Yt});function Yt(...y){return y.join("/")}var Kt={};ne(Kt,{stat:()=>Jt});function Jt(y,i){i(new Error("No filesystem"))}var Zt={};ne(Zt,{default:()=>Xt});var Xt;var er={};ne(er,{StringDecoder:()=>tr});var tr;var rr={};ne(rr,{default:()=>nr});var nr;var sr={};ne(sr,{parse:()=>ir});function ir(y,i=!1){let{protocol:u}=new URL(y),s="http:"+y.substring(u.length),
{username:a,password:n,host:o,hostname:c,port:b,pathname:T,search:E,searchParams:L,hash:_}=new URL(s);n=decodeURIComponent(
n),a=decodeURIComponent(a),T=decodeURIComponent(T);let P=a+":"+n,f=i?Object.fromEntries(L.entries()):E;return{
href:y,protocol:u,auth:P,username:a,password:n,host:o,hostname:c,port:b,pathname:T,search:E,query:f,hash:_}}var or={};ne(or,{connect:()=>ar});function ar({socket:y,servername:i}){return y.startTls(i),y}var ur={};ne(ur,{default:()=>cr});var cr;Q();Q();Q();var lr=Object.defineProperty,hr=Object.defineProperties,fr=Object.getOwnPropertyDescriptors,Ve=Object.
getOwnPropertySymbols,pr=Object.prototype.hasOwnProperty,dr=Object.prototype.propertyIsEnumerable,He=l((y,i,u)=>i in
y?lr(y,i,{enumerable:!0,configurable:!0,writable:!0,value:u}):y[i]=u,"__defNormalProp"),yr=l((y,i)=>{for(var u in i||
(i={}))pr.call(i,u)&&He(y,u,i[u]);if(Ve)for(var u of Ve(i))dr.call(i,u)&&He(y,u,i[u]);return y},"__spreadValue\
s"),gr=l((y,i)=>hr(y,fr(i)),"__spreadProps"),mr=1008e3,ze=new Uint8Array(new Uint16Array([258]).buffer)[0]===2,
br=new TextDecoder,Fe=new TextEncoder,_e=Fe.encode("0123456789abcdef"),Ae=Fe.encode("0123456789ABCDEF"),wr=Fe.
encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),ut=wr.slice();ut[62]=45;ut[63]=95;var ge,
Ce;function vr(y,{alphabet:i,scratchArr:u}={}){if(!ge)if(ge=new Uint16Array(256),Ce=new Uint16Array(256),ze)for(let P=0;P<
256;P++)ge[P]=_e[P&15]<<8|_e[P>>>4],Ce[P]=Ae[P&15]<<8|Ae[P>>>4];else for(let P=0;P<256;P++)ge[P]=_e[P&15]|_e[P>>>
4]<<8,Ce[P]=Ae[P&15]|Ae[P>>>4]<<8;y.byteOffset%4!==0&&(y=new Uint8Array(y));let s=y.length,a=s>>>1,n=s>>>2,o=u||
new Uint16Array(s),c=new Uint32Array(y.buffer,y.byteOffset,n),b=new Uint32Array(o.buffer,o.byteOffset,a),T=i===
"upper"?Ce:ge,E=0,L=0,_;if(ze)for(;E<n;)_=c[E++],b[L++]=T[_>>>8&255]<<16|T[_&255],b[L++]=T[_>>>24]<<16|T[_>>>16&
255];else for(;E<n;)_=c[E++],b[L++]=T[_>>>24]<<16|T[_>>>16&255],b[L++]=T[_>>>8&255]<<16|T[_&255];for(E<<=2;E<s;)
o[E]=T[y[E++]];return br.decode(o.subarray(0,s))}function Er(y,i={}){let u="",s=y.length,a=mr>>>1,n=Math.ceil(
s/a),o=new Uint16Array(n>1?a:s),c=gr(yr({},i),{scratchArr:o});for(let b=0;b<n;b++){let T=b*a,E=T+a;u+=vr(y.subarray(
T,E),c)}return u}function Sr(y,i={}){return i.alphabet!=="upper"&&typeof y.toHex=="function"?y.toHex():Er(y,i)}
Q();Q();var _r=class{constructor(i,u,s){U(this,"execute",i),U(this,"queryData",u),U(this,"opts",s)}then(i,u){return this.
execute(this.queryData,this.opts).then(i,u)}catch(i){return this.execute(this.queryData,this.opts).catch(i)}finally(i){
return this.execute(this.queryData,this.opts).finally(i)}},Ie=_r,Ar=class ct{constructor(i,u){U(this,"strings",
i),U(this,"values",u)}toParameterizedQuery(i={query:"",params:[]}){let{strings:u,values:s}=this;for(let a=0,n=u.
length;a<n;a++)if(i.query+=u[a],a<s.length){let o=s[a];if(o instanceof ht)i.query+=o.sql;else if(o instanceof Ie)
if(o.queryData instanceof ct)o.queryData.toParameterizedQuery(i);else{if(o.queryData.params?.length)throw new Error(
"This query is not composable");i.query+=o.queryData.query}else{let{params:c}=i;c.push(o),i.query+="$"+c.length,
(o instanceof K||ArrayBuffer.isView(o))&&(i.query+="::bytea")}}return i}},lt=Ar,Cr=class{constructor(i){U(this,
"sql",i)}},ht=Cr;Q();function Ir(){typeof window<"u"&&typeof document<"u"&&typeof console<"u"&&typeof console.
warn=="function"&&console.warn(`          
        ************************************************************
        *                                                          *
        *  WARNING: Running SQL directly from the browser can have *
        *  security implications. Even if your database is         *
        *  protected by Row-Level Security (RLS), use it at your   *
        *  own risk. This approach is great for fast prototyping,  *
        *  but ensure proper safeguards are in place to prevent    *
        *  misuse or execution of expensive SQL queries by your    *
        *  end users.                                              *
        *                                                          *
        *  If you've assessed the risks, suppress this message     *
        *  using the disableWarningInBrowsers configuration        *
        *  parameter.                                              *
        *                                                          *
        ************************************************************`)}Q();Q();var ft=class pt extends Error{constructor(i){
super(i),U(this,"name","NeonDbError"),U(this,"severity"),U(this,"code"),U(this,"detail"),U(this,"hint"),U(this,
"position"),U(this,"internalPosition"),U(this,"internalQuery"),U(this,"where"),U(this,"schema"),U(this,"table"),
U(this,"column"),U(this,"dataType"),U(this,"constraint"),U(this,"file"),U(this,"line"),U(this,"routine"),U(this,
"sourceError"),"captureStackTrace"in Error&&typeof Error.captureStackTrace=="function"&&Error.captureStackTrace(
this,pt)}},te=ft,Pr=["severity","code","detail","hint","position","internalPosition","internalQuery","where","\
schema","table","column","dataType","constraint","file","line","routine"];function Ye(y,i){let u,s;try{u=new URL(
y).protocol,s=new URL("http:"+y.slice(u.length))}catch{throw new te(`Database connection string provided to ne\
on() is not a valid URL (connection string: ${y})`)}let{username:a,hostname:n,pathname:o}=s;if(u!=="postgres:"&&
u!=="postgresql:"||i&&(!a||!n||n==="-"||!o||o==="/"))throw new te("Wrong URL scheme or missing user, host or d\
atabase in connection parameters");return s}function Lr(y){return"postgresql:"+y.href.slice(y.protocol.length)}
var Tr=["connectionString","user","username","password","host","hostname","port","database"],xr={database:"pat\
hname",user:"username",host:"hostname"};function Rr(...y){let i={};for(let u of y)i=u.connectionString!==void 0?
u:{...i,...u};return i}async function kr(y="postgresql://-",i={},u={}){if(i.connectionString!==void 0&&(y=i.connectionString),
typeof y=="function"&&(y=await y()),typeof y!="string")throw new te("Connection string must be a string or a f\
unction resolving to one");if(i.user!==void 0&&i.username!==void 0)throw new te("Please specify one only of us\
er and username");if(i.host!==void 0&&i.hostname!==void 0)throw new te("Please specify one only of host and ho\
stname");let s=Ye(y,!1);await Promise.all(Tr.map(async c=>{if(c==="connectionString")return;let b=i[c];if(typeof b==
"function"&&(b=await b()),b===void 0)return;if(typeof b!="string"&&!(c==="port"&&typeof b=="number")){let E=c===
"port"?" or a number":"";throw new te(`Connection parameter "${c}" must be a string${E} or a function resolvin\
g to one`)}let T=xr[c]??c;s[T]=b}));let{searchParams:a}=s;for(let c in u)a.has(c)||a.append(c,u[c]);let n=Lr(s),
o=Ye(n,!0);return{resolvedConnectionString:n,resolvedURL:o}}Rt();Q();var Br="pkg:npm/%40neondatabase/serverles\
s@1.2.0",Mr=Ue(Qt()),Or=Ue(Gt()),Ke="transaction() expects an array of queries, or a function returning an arr\
ay of queries";function Dr(y){return y instanceof K?"\\x"+Sr(y):y}function Je(y){let{query:i,params:u}=y instanceof
lt?y.toParameterizedQuery():y;return{query:i,params:u.map(s=>Dr((0,Or.prepareValue)(s)))}}function Ur(y,i={}){
typeof y!="string"&&(i=y??{},y=void 0);let{arrayMode:u,fullResults:s,fetchOptions:a,isolationLevel:n,readOnly:o,
deferrable:c,authToken:b,disableWarningInBrowsers:T}=i;function E(_,...P){if(!(Array.isArray(_)&&Array.isArray(
_.raw)&&Array.isArray(P)))throw new Error('This function can now be called only as a tagged-template function:\
 sql`SELECT ${value}`, not sql("SELECT $1", [value], options). For a conventional function call with value pla\
ceholders ($1, $2, etc.), use sql.query("SELECT $1", [value], options).');return new Ie(L,new lt(_,P))}E.query=
(_,P,f)=>new Ie(L,{query:_,params:P??[]},f),E.unsafe=_=>new ht(_),E.transaction=async(_,P)=>{if(typeof _=="fun\
ction"&&(_=_(E)),!Array.isArray(_))throw new Error(Ke);_.forEach(A=>{if(!(A instanceof Ie))throw new Error(Ke)});
let f=_.map(A=>A.queryData),d=_.map(A=>A.opts??{});return L(f,d,P)};async function L(_,P,f){let{fetchEndpoint:d,
fetchFunction:A}=be,B=Array.isArray(_)?{queries:_.map(Z=>Je(Z))}:Je(_),x=a??{},w=u??!1,M=s??!1,O=n,m=o,C=c;f!==
void 0&&(f.fetchOptions!==void 0&&(x={...x,...f.fetchOptions}),f.arrayMode!==void 0&&(w=f.arrayMode),f.fullResults!==
void 0&&(M=f.fullResults),f.isolationLevel!==void 0&&(O=f.isolationLevel),f.readOnly!==void 0&&(m=f.readOnly),
f.deferrable!==void 0&&(C=f.deferrable)),P!==void 0&&!Array.isArray(P)&&P.fetchOptions!==void 0&&(x={...x,...P.
fetchOptions});let S=b;!Array.isArray(P)&&P?.authToken!==void 0&&(S=P.authToken);let p=Rr(i,f??{},Array.isArray(
P)||!P?{}:P),{resolvedConnectionString:I,resolvedURL:R}=await kr(y,p,{application_name:Br}),N=typeof d=="funct\
ion"?d(R.hostname,R.port,{jwtAuth:S!==void 0}):d,F={"Neon-Connection-String":I,"Neon-Raw-Text-Output":"true","\
Neon-Array-Mode":"true"},J=await Nr(S);J&&(F.Authorization=`Bearer ${J}`),Array.isArray(_)&&(O!==void 0&&(F["N\
eon-Batch-Isolation-Level"]=O),m!==void 0&&(F["Neon-Batch-Read-Only"]=String(m)),C!==void 0&&(F["Neon-Batch-De\
ferrable"]=String(C))),T||be.disableWarningInBrowsers||Ir();let X;try{X=await(A??fetch)(N,{method:"POST",body:JSON.
stringify(B),headers:F,...x})}catch(Z){let z=new te(`Error connecting to database: ${Z}`);throw z.sourceError=
Z,z}if(X.ok){let Z=await X.json();if(Array.isArray(_)){let z=Z.results;if(!Array.isArray(z))throw new te("Neon\
 internal error: unexpected result format");return z.map((se,ie)=>{let le=P[ie]??{},$=le.arrayMode??w,Y=le.fullResults??
M;return Ze(se,{arrayMode:$,fullResults:Y,types:le.types})})}else{let z=P??{},se=z.arrayMode??w,ie=z.fullResults??
M;return Ze(Z,{arrayMode:se,fullResults:ie,types:z.types})}}else{let{status:Z}=X;if(Z===400){let z=await X.json(),
se=new te(z.message);for(let ie of Pr)se[ie]=z[ie]??void 0;throw se}else{let z=await X.text();throw new te(`Se\
rver error (HTTP status ${Z}): ${z}`)}}}return E}function Ze(y,{arrayMode:i,fullResults:u,types:s}){let a=new Mr.
default(s),n=y.fields.map(b=>b.name),o=y.fields.map(b=>a.getTypeParser(b.dataTypeID)),c=i===!0?y.rows.map(b=>b.
map((T,E)=>T===null?null:o[E](T))):y.rows.map(b=>Object.fromEntries(b.map((T,E)=>[n[E],T===null?null:o[E](T)])));
return u?(y.viaNeonFetch=!0,y.rowAsArray=i,y.rows=c,y._parsers=o,y._types=a,y):c}async function Nr(y){if(typeof y==
"string")return y;if(typeof y=="function")try{return await Promise.resolve(y())}catch(i){let u=new te("Error g\
etting auth token.");throw i instanceof Error&&(u=new te(`Error getting auth token: ${i.message}`)),u}}const qr=Ur,
jr=be,Wr=ft,$r=Ne();export{Wr as NeonDbError,qr as neon,jr as neonConfig,$r as types};
