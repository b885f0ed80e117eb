// Stands in for Unity: MonoBehaviour, Animator, JsonUtility, and a main that runs a component until a rig was shown.
using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading;

namespace UnityEngine
{
    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
    }

    public enum HumanBodyBones
    {
        Hips, Spine, Chest, UpperChest, Neck, Head, LeftShoulder, LeftUpperArm, LeftLowerArm, LeftHand, LeftUpperLeg,
        LeftLowerLeg, LeftFoot, RightShoulder, RightUpperArm, RightLowerArm, RightHand, RightUpperLeg, RightLowerLeg, RightFoot
    }

    public class Transform { public Quaternion localRotation; }

    public class Animator
    {
        public readonly Dictionary<HumanBodyBones, Transform> bones = new Dictionary<HumanBodyBones, Transform>();
        public Transform GetBoneTransform(HumanBodyBones bone)
        {
            if (!bones.ContainsKey(bone)) bones[bone] = new Transform();
            return bones[bone];
        }
    }

    public class MonoBehaviour
    {
        public static readonly Animator Avatar = new Animator();
        public T GetComponent<T>() where T : class { return Avatar as T; }
    }

    public static class Debug { public static void LogWarning(string text) { Console.Error.WriteLine(text); } }

    public static class JsonUtility
    {
        public static T FromJson<T>(string text)
        {
            using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(text)))
                return (T)new DataContractJsonSerializer(typeof(T)).ReadObject(stream);
        }
    }
}

static class Program
{
    static void Call(object component, string name)
    {
        component.GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic).Invoke(component, null);
    }

    static void Main(string[] words)
    {
        var component = new MocastRoom { server = words[0], room = words[1], token = words[2] };
        Call(component, "Start");
        while (UnityEngine.MonoBehaviour.Avatar.bones.Count == 0) { Thread.Sleep(10); Call(component, "Update"); }
        Call(component, "OnDestroy");
        foreach (var bone in UnityEngine.MonoBehaviour.Avatar.bones)
        {
            var q = bone.Value.localRotation;
            Console.WriteLine(FormattableString.Invariant($"{bone.Key} {q.x} {q.y} {q.z} {q.w}"));
        }
    }
}
