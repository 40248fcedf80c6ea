using System.Text.Json.Serialization;
using SessionRecovery.AspNetCore.Credits.Internal;
using SessionRecovery.AspNetCore.Files.Internal;
using SessionRecovery.AspNetCore.Health.Internal;
using SessionRecovery.AspNetCore.Recovery.Internal;
using SessionRecovery.AspNetCore.Sessions.Internal;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>The wire types. Members in snake_case, whatever the host's JSON settings are.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CreditsAnswer))]
[JsonSerializable(typeof(VerifyRequest))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(RecoverRequest))]
[JsonSerializable(typeof(RecoverAnswer))]
[JsonSerializable(typeof(FileAnswer))]
[JsonSerializable(typeof(FilesAnswer))]
[JsonSerializable(typeof(LinkAnswer))]
[JsonSerializable(typeof(AlreadyCompletedAnswer))]
internal sealed partial class Wire : JsonSerializerContext;
