// Moves a VRM avatar by a Mocast room's rig. Put it on the avatar, beside its Animator, and press play.
using System;
using System.IO;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;

public class MocastRoom : MonoBehaviour
{
    public string server = "ws://localhost:8080"; // wss:// where the page is https://
    public string room = "studio";
    public string token = ""; // where the server asks for one

    // The fields of the message that are used; all of them: docs/wire-format.md. JsonUtility leaves out the others.
    [Serializable]
    public class Rotations
    {
        public float[] hips, spine, chest, upperChest, neck, head;
        public float[] leftShoulder, leftUpperArm, leftLowerArm, leftHand, leftUpperLeg, leftLowerLeg, leftFoot;
        public float[] rightShoulder, rightUpperArm, rightLowerArm, rightHand, rightUpperLeg, rightLowerLeg, rightFoot;
    }

    [Serializable]
    public class Rig
    {
        public string type; // "rig", or "notice"
        public int frame;
        public Rotations rotations;
    }

    readonly CancellationTokenSource ended = new CancellationTokenSource();
    string newest; // written by the reader, taken by Update
    Animator animator;

    void Start()
    {
        animator = GetComponent<Animator>();
        Task.Run(Read);
    }

    void OnDestroy() => ended.Cancel();

    async Task Read()
    {
        var address = new Uri($"{server}/v1/rooms/{room}/landmarks?send=rig");
        for (; !ended.IsCancellationRequested; await Task.Delay(1000))
        {
            try
            {
                using (var socket = new ClientWebSocket())
                {
                    if (token != "") socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
                    await socket.ConnectAsync(address, ended.Token);
                    while (socket.State == WebSocketState.Open) newest = await ReadText(socket);
                }
            }
            catch (Exception problem) when (!(problem is OperationCanceledException))
            {
                Debug.LogWarning($"Mocast: {problem.Message}");
            }
        }
    }

    async Task<string> ReadText(ClientWebSocket socket)
    {
        var part = new ArraySegment<byte>(new byte[16384]);
        using (var text = new MemoryStream())
        {
            WebSocketReceiveResult read;
            do
            {
                read = await socket.ReceiveAsync(part, ended.Token);
                text.Write(part.Array, 0, read.Count);
            } while (!read.EndOfMessage);
            return read.MessageType == WebSocketMessageType.Text ? Encoding.UTF8.GetString(text.ToArray()) : null;
        }
    }

    void Update()
    {
        var text = Interlocked.Exchange(ref newest, null);
        var rig = text == null ? null : JsonUtility.FromJson<Rig>(text);
        if (rig == null || rig.type != "rig") return;
        Turn(HumanBodyBones.Hips, rig.rotations.hips);
        Turn(HumanBodyBones.Spine, rig.rotations.spine);
        Turn(HumanBodyBones.Chest, rig.rotations.chest);
        Turn(HumanBodyBones.UpperChest, rig.rotations.upperChest);
        Turn(HumanBodyBones.Neck, rig.rotations.neck);
        Turn(HumanBodyBones.Head, rig.rotations.head);
        Turn(HumanBodyBones.LeftShoulder, rig.rotations.leftShoulder);
        Turn(HumanBodyBones.LeftUpperArm, rig.rotations.leftUpperArm);
        Turn(HumanBodyBones.LeftLowerArm, rig.rotations.leftLowerArm);
        Turn(HumanBodyBones.LeftHand, rig.rotations.leftHand);
        Turn(HumanBodyBones.LeftUpperLeg, rig.rotations.leftUpperLeg);
        Turn(HumanBodyBones.LeftLowerLeg, rig.rotations.leftLowerLeg);
        Turn(HumanBodyBones.LeftFoot, rig.rotations.leftFoot);
        Turn(HumanBodyBones.RightShoulder, rig.rotations.rightShoulder);
        Turn(HumanBodyBones.RightUpperArm, rig.rotations.rightUpperArm);
        Turn(HumanBodyBones.RightLowerArm, rig.rotations.rightLowerArm);
        Turn(HumanBodyBones.RightHand, rig.rotations.rightHand);
        Turn(HumanBodyBones.RightUpperLeg, rig.rotations.rightUpperLeg);
        Turn(HumanBodyBones.RightLowerLeg, rig.rotations.rightLowerLeg);
        Turn(HumanBodyBones.RightFoot, rig.rotations.rightFoot);
    }

    // Mocast's X is to the avatar's left, Unity's to its right: the same rotation has Y and Z negated.
    // The bones of VRM models are not turned at rest, so that this is all; UniVRM imports them so.
    void Turn(HumanBodyBones bone, float[] q)
    {
        var found = animator.GetBoneTransform(bone);
        if (found != null) found.localRotation = new Quaternion(q[0], -q[1], -q[2], q[3]);
    }
}
