import { createRequire } from 'node:module'
const base='/work/wt/kernel/'
const imp=(p)=>import(base+p)
const { useBackend, compileStep } = await imp('packages/backend/dist/index.js')
const { relationsOf, relationsToDeviceLabels } = await imp('packages/ops/dist/index.js')
const losses = await imp('plugins/losses/dist/index.js'), miners = await imp('plugins/miners/dist/index.js')
const tf = await import('@tensorflow/tfjs-core')
await useBackend('native-cpu',{log(){}})
const n=+process.argv[2], memory=+process.argv[3], dim=+process.argv[4]
const loss=new losses.TripletMarginLoss(), miner=new miners.BatchHardMiner()
const embeddings=tf.variable(tf.randomNormal([n,dim])); const labels=Array.from({length:n},(_,i)=>i>>2)
const held=memory?{refEmbeddings:tf.variable(tf.randomNormal([memory,dim]),false),refLabelTensor:tf.variable(tf.tensor1d(Array.from({length:memory},(_,i)=>i>>2),'int32'),false),isFilled:tf.variable(tf.ones([memory]),false)}:undefined
let current
const log=[]
const mk=(body)=>compileStep(()=>{ const relations=held?relationsToDeviceLabels(current,{...held,maxPositives:4}):current; const references=held&&{refEmbeddings:held.refEmbeddings}; return body(relations,references?{references}:{}) },{fallback:'throw',name:'x'})
const steps={
 whole: mk((relations,given)=>{ const {value,grads}=tf.variableGrads(()=>{const selection=miner.mine(embeddings,relations,given); return loss.compute(embeddings,relations,{...given,selection})},[embeddings]); return [value,grads[embeddings.name]]}),
 mine: mk((relations,given)=>{ const s=miner.mine(embeddings,relations,given); return [tf.sum(s.positiveIndex),tf.sum(s.negativeIndex),s.weights]}),
 nothing: mk((relations)=>[tf.sum(relations.queryLabelTensor)]),
}
const b=tf.backend()
{ // list ops of one whole eager call
 const s=b.executeSingleOutput, m=b.executeMultipleOutputs; const names={}; 
 const c=(n)=>{names[n]=(names[n]||0)+1}
 current=relationsOf(labels)
 b.executeSingleOutput=function(...a){c(a[0]);return s.apply(this,a)}; b.executeMultipleOutputs=function(...a){c(a[0]);return m.apply(this,a)}
 tf.tidy(()=>{ const relations=held?relationsToDeviceLabels(current,{...held,maxPositives:4}):current; const given=held?{references:{refEmbeddings:held.refEmbeddings}}:{}; tf.variableGrads(()=>{const selection=miner.mine(embeddings,relations,given); return loss.compute(embeddings,relations,{...given,selection})},[embeddings])})
 b.executeSingleOutput=s;b.executeMultipleOutputs=m; console.log(names, Object.values(names).reduce((a,b)=>a+b)); current.dispose()
}
const med=(a)=>{a.sort((x,y)=>x-y);return a[a.length>>1].toFixed(2)+' min '+a[0].toFixed(2)}
{const t=[];for(let i=0;i<200;i++){const f=performance.now();tf.tidy(()=>relationsOf(labels));t.push(performance.now()-f)};console.log('relationsOf',med(t))}
for(const [name,step] of Object.entries(steps)){ const t=[],u=[]; for(let i=0;i<153;i++){const f=performance.now(); let g; tf.tidy(()=>{current=relationsOf(labels); g=performance.now(); step(...current.tensors)[0].dataSync()}); if(i>3){t.push(performance.now()-f);u.push(performance.now()-g)} } console.log(name,'all',med(t),'| step',med(u)) }
process.exit(0)
